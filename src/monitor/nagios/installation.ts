/** Reads the nagios.cfg of a Nagios or Naemon on this machine. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';

/** Where Debian, other distributions, the source, FreeBSD and Naemon install the main file. */
export const CONFIGS = [
  '/etc/nagios4/nagios.cfg',
  '/etc/nagios/nagios.cfg',
  '/usr/local/nagios/etc/nagios.cfg',
  '/usr/local/etc/nagios/nagios.cfg',
  '/etc/naemon/naemon.cfg',
];

export interface Installation {
  /** Path of its nagios.cfg. */
  readonly path: string;
  /** `check_result_path` and `command_file`; null where it has none. */
  readonly spool: string | null;
  readonly commandFile: string | null;
  /** An older spool file is deleted unread, ms; Infinity: never. */
  readonly maxAge: number;
  /** How often the spool is read, ms. */
  readonly reaper: number;
  readonly objectCache: string | null;
  readonly statusFile: string | null;
  /**
   * Whether it accepts passive results and external commands; this may have been changed at run
   * time.
   */
  readonly takesPassive: boolean;
  readonly takesCommands: boolean;
}

/** Reads a nagios.cfg; what it does not set has Nagios' own default. Throws what reading throws. */
function readInstallation(path: string): Installation {
  const settings = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, name, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) settings.set(name, value);
  }
  const text = (name: string) => settings.get(name) ?? null;
  const seconds = (name: string, otherwise: number) => {
    const value = Number(settings.get(name) ?? otherwise);
    return 1000 * (Number.isFinite(value) && value >= 0 ? value : otherwise);
  };
  const isOn = (name: string) => settings.get(name) !== '0';
  return {
    path,
    spool: text('check_result_path'),
    commandFile: text('command_file'),
    maxAge: seconds('max_check_result_file_age', 3600) || Infinity,
    reaper: seconds('check_result_reaper_frequency', 10),
    objectCache: text('object_cache_file'),
    statusFile: text('status_file'),
    takesPassive: isOn('accept_passive_service_checks'),
    takesCommands: isOn('check_external_commands'),
  };
}

/**
 * The Nagios whose spool directory or command file this is; undefined where no readable main file
 * names it.
 */
export function installationOf(
  place: string,
  configs: readonly string[] = CONFIGS,
): Installation | undefined {
  return installations(configs).find(({ spool, commandFile }) =>
    [spool, commandFile].some((path) => path !== null && isSame(path, place)),
  );
}

/** Every Nagios of this machine whose nagios.cfg can be read. */
export function installations(configs: readonly string[] = CONFIGS): Installation[] {
  return configs.flatMap((path) => {
    if (!existsSync(path)) return [];
    try {
      return readInstallation(path);
    } catch {
      // Not readable: the same as none.
      return [];
    }
  });
}

function isSame(path: string, other: string): boolean {
  return resolved(path) === resolved(other);
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path.replace(/\/+$/, '');
  }
}
