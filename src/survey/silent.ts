/**
 * Programs that run here and refuse by libwrap without a word in any log, or do so as they are set
 * up. Seen on Debian 12, 13 and forky: docs/programs.md.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What there is to know of a silent program. */
interface Silent {
  /** What to do. */
  readonly remedy: string;
  /** Files of its configuration, as globs, and whether it logs refusals by what they say. */
  readonly speaks?: { readonly files: readonly string[]; by(text: string): boolean };
}

const FIREWALL = 'no setting makes it log them: let a firewall that logs guard it instead';

/** By the name of the process, of which the kernel keeps 15 characters. */
const SILENT: Readonly<Record<string, Silent>> = {
  slapd: {
    remedy: 'set olcLogLevel to stats, and have syslog write local4.debug',
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

/** A program that runs and is silent. */
export interface SilentProgram {
  readonly program: string;
  readonly remedy: string;
}

/**
 * Finds those that run on this machine. What cannot be read of a configuration may say anything, so
 * the program is named.
 * @param proc where the kernel shows processes
 * @param root what the paths of configurations are below
 */
export function findSilent(proc = '/proc', root = '/'): SilentProgram[] {
  const running = new Set(globSync(join(proc, '[0-9]*', 'comm')).map(nameIn));
  return Object.entries(SILENT)
    .filter(([program, silent]) => running.has(program) && !isSpeaking(silent, root))
    .map(([program, { remedy }]) => ({ program, remedy }));
}

function isSpeaking({ speaks }: Silent, root: string): boolean {
  if (speaks === undefined) return false;
  const files = speaks.files.flatMap((pattern) => globSync(join(root, pattern)).toSorted());
  return speaks.by(files.map(textIn).join('\n'));
}

/** A process may end while it is looked at. */
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
