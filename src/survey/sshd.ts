/**
 * How many connections sshd accepts before it drops further ones. A refusal by libwrap holds a
 * connection for five seconds. Above MaxStartups sshd drops a client before it asks libwrap, and no
 * log says who that was (sshd_config(5); OpenSSH's sshd.c, drop_connection()).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const SSHD = '/usr/sbin/sshd';
export const SSHD_CONFIG = '/etc/ssh/sshd_config';
/** The default since OpenSSH 3.9, as `sshd -T` writes it. */
const DEFAULT = '10:30:100';

/** A remark if sshd has the default; null if it has another value, or there is no sshd. */
export function remarkOnMaxStartups(maxStartups: string | null): string | null {
  if (maxStartups === null || maxStartups !== DEFAULT) return null;
  return (
    `MaxStartups is the default, ${DEFAULT}: above about two refusals a second sshd drops clients before it asks hosts.deny, and no log says where they came from; ` +
    'set MaxStartups 100:30:500 and PerSourceMaxStartups 5, or have a firewall limit new connections'
  );
}

/** MaxStartups as `sshd -T` prints it, or from its configuration; null if there is no sshd. */
export function readMaxStartups(sshd = SSHD, config = SSHD_CONFIG): string | null {
  if (!existsSync(sshd)) return null;
  return valueIn(effective(sshd, config)) ?? written(config).map(valueIn).find(isValue) ?? DEFAULT;
}

/** The configuration as sshd itself reads it: only root may run this. */
function effective(sshd: string, config: string): string {
  try {
    return execFileSync(sshd, ['-T', '-f', config], {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

/** The parts of a configuration in the order in which sshd reads them: the first value counts. */
function written(config: string, depth = 0): string[] {
  let text: string;
  try {
    text = readFileSync(config, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const pattern = /^\s*include\s+(.+?)\s*$/i.exec(line)?.[1];
    if (pattern === undefined || depth >= DEEPEST) return [line];
    const names = pattern.split(/\s+/).map((name) => resolve(dirname(SSHD_CONFIG), name));
    return names
      .flatMap((name) => globSync(name).toSorted())
      .flatMap((name) => written(name, depth + 1));
  });
}

/** How deep sshd follows Include. */
const DEEPEST = 16;

/** `10` alone is a limit without a range: `10:100:10` to sshd -T, and not the default. */
function valueIn(text: string): string | undefined {
  return /^\s*maxstartups[\s=]+"?([\d:]+)"?\s*$/im.exec(text)?.[1];
}

const isValue = (value: string | undefined) => value !== undefined;
