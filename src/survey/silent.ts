/**
 * Programs that refuse by libwrap without logging it, or without logging it as they are configured.
 * Seen on Debian 12, 13 and forky: docs/programs.md.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is known about a silent program. */
interface Silent {
  /** What to do. */
  readonly remedy: string;
  /** Its configuration files, as globs, and whether it logs refusals according to their text. */
  readonly speaks?: { readonly files: readonly string[]; by(text: string): boolean };
}

const FIREWALL = 'no setting makes it log them: guard it with a firewall that logs instead';

/** By process name, of which the kernel keeps 15 characters. */
const SILENT: Readonly<Record<string, Silent>> = {
  slapd: {
    remedy: 'set olcLogLevel to stats, and make syslog write local4.debug',
    speaks: {
      files: ['/etc/ldap/slapd.d/cn=config.ldif', '/etc/ldap/slapd.conf'],
      by: (text) => /^\s*(?:olcLogLevel:|loglevel)\s.*\b(?:stats|any|-1|256)\b/im.test(text),
    },
  },
  proftpd: {
    remedy: 'set SyslogFacility AUTH in proftpd.conf',
    speaks: {
      files: ['/etc/proftpd/*.conf', '/etc/proftpd/conf.d/*.conf'],
      // Without mod_wrap it does not ask libwrap.
      by: (text) =>
        /^\s*SyslogFacility\s/im.test(text) || !/^\s*LoadModule\s+mod_wrap2?\.c/im.test(text),
    },
  },
  vsftpd: {
    remedy: 'set syslog_enable=NO in vsftpd.conf, and read its vsftpd_log_file',
    speaks: {
      files: ['/etc/vsftpd.conf', '/etc/vsftpd/*.conf'],
      by: (text) => !/^syslog_enable=(?:YES|TRUE|1)\s*$/im.test(text),
    },
  },
  danted: {
    remedy: 'set debug: 1 in danted.conf',
    speaks: { files: ['/etc/danted.conf'], by: (text) => /^\s*debug\s*:\s*[1-9]/im.test(text) },
  },
  snmptrapd: { remedy: FIREWALL },
  conserver: { remedy: FIREWALL },
  ser2net: { remedy: FIREWALL },
  uwsgi: { remedy: FIREWALL },
  'uwsgi-core': { remedy: FIREWALL },
  pptpd: { remedy: FIREWALL },
  upsd: { remedy: FIREWALL },
};

/** A silent program that runs. */
export interface SilentProgram {
  readonly program: string;
  readonly remedy: string;
}

/**
 * Finds those that run on this machine. If a configuration cannot be read, the program is reported.
 * @param proc the kernel's directory of processes
 * @param root the directory that paths of configurations start from
 */
export function findSilent(proc = '/proc', root = '/'): SilentProgram[] {
  const running = new Set(globSync(join(proc, '[0-9]*', 'comm')).map(nameIn));
  return Object.entries(SILENT)
    .filter(([program, silent]) => running.has(program) && !isSpeaking(silent, root))
    .map(([program, { remedy }]) => ({ program, remedy }));
}

/** Whether a program refuses without logging it, as it is configured. */
export function isSilent(program: string, root = '/'): boolean {
  const silent = Object.hasOwn(SILENT, program) ? SILENT[program] : undefined;
  return silent !== undefined && !isSpeaking(silent, root);
}

function isSpeaking({ speaks }: Silent, root: string): boolean {
  if (speaks === undefined) return false;
  const files = speaks.files.flatMap((pattern) => globSync(join(root, pattern)).toSorted());
  return speaks.by(files.map(textIn).join('\n'));
}

/** A process may end while it is examined. */
function nameIn(path: string): string {
  return textIn(path).trim();
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
