/** Debian's Nagios 4 with the objects of etc/nagios, in a directory of its own. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { program, type Program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

/** The objects that an administrator is to use. */
export const OBJECTS = new URL('../../etc/nagios/tcp-wrappers.cfg', import.meta.url).pathname;

export interface Nagios {
  /** The pipe that NSCA's daemon writes commands to. */
  readonly commandFile: string;
  /** The spool directory, `check_result_path`. */
  readonly spool: string;
  /** The path of nagios.cfg. */
  readonly config: string;
  /** Starts it again, in the same directory; all may write its pipe unless it is not `open`. */
  start(options?: { open: boolean }): Promise<void>;
  /** Ends it, and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Lines of nagios.log so far, without their time. */
  log(): string[];
  /** What the notification command was given, one line each. */
  notifications(): string[];
}

/** What a monitor has besides the service: a host, a contact, and a way to notify it. */
const surroundings = (dir: string) => `
define command {
  command_name notify
  command_line /bin/echo "$NOTIFICATIONTYPE$ $HOSTNAME$, $SERVICEDESC$, $SERVICESTATE$, $SERVICEOUTPUT$" >> ${dir}/notifications
}
define timeperiod {
  timeperiod_name 24x7
  alias always
${['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].map((day) => `  ${day} 00:00-24:00`).join('\n')}
}
define contact {
  contact_name admin
  host_notifications_enabled 0
  service_notification_period 24x7
  host_notification_period 24x7
  service_notification_options w,u,c,r
  host_notification_options n
  service_notification_commands notify
  host_notification_commands notify
}
define contactgroup {
  contactgroup_name admins
  alias admins
  members admin
}
define host {
  host_name firestorm
  address 127.0.0.1
  max_check_attempts 1
  active_checks_enabled 0
  notification_interval 0
  notification_period 24x7
  contact_groups admins
}
`;

/** Folders that Nagios needs in its directory. */
export const NAGIOS_FOLDERS = ['rw', 'spool', 'checkresults'];

/**
 * The files of a whole configuration of Nagios, by their names.
 * @param objects the path of etc/nagios' objects
 */
export function nagiosConfig(dir: string, objects: string): Record<string, string> {
  const settings = {
    log_file: join(dir, 'nagios.log'),
    object_cache_file: join(dir, 'objects.cache'),
    status_file: join(dir, 'status.dat'),
    temp_file: join(dir, 'nagios.tmp'),
    temp_path: dir,
    state_retention_file: join(dir, 'retention.dat'),
    lock_file: join(dir, 'nagios.pid'),
    command_file: join(dir, 'rw', 'nagios.cmd'),
    query_socket: join(dir, 'rw', 'nagios.qh'),
    check_result_path: join(dir, 'checkresults'),
    check_result_reaper_frequency: '1',
    check_external_commands: '1',
    accept_passive_service_checks: '1',
    enable_notifications: '1',
    execute_service_checks: '1',
    check_service_freshness: '1',
    use_syslog: '0',
    log_rotation_method: 'n',
    illegal_macro_output_chars: '`~$&|\'"<>',
    nagios_user: 'nagios',
    nagios_group: 'nagios',
  };
  const files = [`cfg_file=${join(dir, 'surroundings.cfg')}`, `cfg_file=${objects}`];
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return {
    'surroundings.cfg': surroundings(dir),
    'nagios.cfg': `${[...files, ...lines].join('\n')}\n`,
  };
}

/** Writes the configuration and gives the path of nagios.cfg. */
export function writeNagiosConfig(dir: string, objects = OBJECTS): string {
  for (const name of NAGIOS_FOLDERS) mkdirSync(join(dir, name));
  for (const [name, text] of Object.entries(nagiosConfig(dir, objects))) {
    writeFileSync(join(dir, name), text);
  }
  // Nagios gives up being root before it reads its objects.
  chmodSync(dir, 0o755);
  spawnSync('chown', ['-R', 'nagios:nagios', dir]);
  return join(dir, 'nagios.cfg');
}

export interface NagiosOptions {
  readonly objects?: string;
  /** Command and arguments that run it: with another clock. */
  readonly run?: readonly string[];
  /** More lines of nagios.cfg; the last one of a name counts. */
  readonly settings?: readonly string[];
}

/** Starts Nagios, and waits until it reads its command file. */
export async function startNagios(
  t: TestContext,
  { objects = OBJECTS, run = [], settings = [] }: NagiosOptions = {},
): Promise<Nagios> {
  const dir = tempDir(t);
  const config = writeNagiosConfig(dir, objects);
  appendFileSync(config, settings.map((line) => `${line}\n`).join(''));
  const commandFile = join(dir, 'rw', 'nagios.cmd');
  const read = (name: string) =>
    existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '';
  const starts = () => read('nagios.log').split('Successfully launched command file worker').length;
  let nagios: Program;
  const start = async ({ open } = { open: true }) => {
    const before = starts();
    const [command, ...args] = [...run, 'nagios4', config] as const;
    nagios = program(t, command, args);
    await until('Nagios', () => existsSync(commandFile) && starts() > before);
    // Debian's nsca runs as another user than Nagios' group in a test.
    if (open) chmodSync(commandFile, 0o666);
  };
  await start();
  const lines = (name: string) => read(name).split('\n').slice(0, -1);
  return {
    commandFile,
    spool: join(dir, 'checkresults'),
    config,
    start,
    async stop(signal = 'SIGTERM') {
      nagios.kill(signal);
      await nagios.end();
      // A master that is killed leaves its workers.
      killGroup(nagios.pid);
    },
    log: () => lines('nagios.log').map((line) => line.replace(/^\[\d+\] /, '')),
    notifications: () => lines('notifications'),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it is gone already.
  }
}

/** Outputs of the alerts that Nagios has made of the service, in order. */
export function alertsOf(nagios: Nagios): string[] {
  const alert = 'SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;';
  return nagios.log().flatMap((line) => (line.startsWith(alert) ? [line.slice(alert.length)] : []));
}
