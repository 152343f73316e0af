/**
 * Hosts and central log hosts: an rsyslogd for each, with the files of etc/rsyslog, on loopback.
 * Only the paths, the ports and the addresses in those files are replaced.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeAuthority, type Authority } from './certificate.ts';
import { freePort } from './free-port.ts';
import { program, type Program } from './program.ts';
import { until } from './until.ts';

/** An rsyslogd of the test's own; its directory has what it reads and writes. */
interface Daemon {
  readonly dir: string;
  start(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface LogHost extends Daemon {
  /** For denywatch: the logs of all hosts. */
  readonly pattern: string;
  /** All lines in them. */
  lines(): string[];
}

export interface Host extends Daemon {
  /** Logs these messages as sshd would. */
  log(messages: readonly string[]): Promise<void>;
}

export interface Site {
  readonly logHosts: readonly [LogHost, LogHost];
  readonly hosts: readonly Host[];
}

const SHIPPED = new URL('../../etc/rsyslog/', import.meta.url).pathname;
const NAMES = ['loghost1', 'loghost2'] as const;

/**
 * Starts two log hosts, and a host with each of these names.
 * @param template in which the hosts send; without it, the one that the files have
 */
export async function startSite(
  t: TestContext,
  dir: string,
  { names, template }: { names: readonly string[]; template?: string },
): Promise<Site> {
  const authority = makeAuthority(dir);
  const ports = { loghost1: await freePort(), loghost2: await freePort() };
  const [first, second] = NAMES.map((name) => {
    const text = shipped('receiver.conf').replace('port="2514"', `port="${ports[name]}"`);
    return logHost(daemon(t, authority, { dir: join(dir, name), name, text }));
  }) as [LogHost, LogHost];
  const target = /target="(loghost[12])\.example\.org" port="2514"/g;
  const given = template === undefined ? '' : ` template="${template}"`;
  const text = shipped('sender.conf').replaceAll(
    target,
    (_, name: keyof typeof ports) => `target="127.0.0.1" port="${ports[name]}"${given}`,
  );
  const hosts = names.map((name, n) =>
    host(t, daemon(t, authority, { dir: join(dir, `host${n}`), name, text })),
  );
  await Promise.all([first, second, ...hosts].map((one) => one.start()));
  return { logHosts: [first, second], hosts };
}

const shipped = (file: string) => readFileSync(join(SHIPPED, file), 'utf8');

function daemon(
  t: TestContext,
  authority: Authority,
  { dir, name, text }: { dir: string; name: string; text: string },
): Daemon {
  mkdirSync(dir);
  authority.issue(dir, `${basename(dir)}.example.org`);
  const own = text
    .replaceAll('/etc/rsyslog.d/denywatch/ca.pem', authority.ca)
    .replaceAll('/etc/rsyslog.d/denywatch/', `${dir}/`)
    .replaceAll('/var/log/remote/', `${dir}/remote/`);
  const socket = join(dir, 'socket');
  const config = join(dir, 'rsyslog.conf');
  const head = `global(workDirectory="${dir}" localHostname="${name}")
module(load="imuxsock" SysSock.Name="${socket}")
`;
  writeFileSync(config, head + own);
  let running: Program | null = null;
  return {
    dir,
    async start() {
      const started = program(t, 'rsyslogd', ['-n', '-f', config, '-i', join(dir, 'pid')]);
      running = started;
      const ready = () => existsSync(join(dir, 'pid'));
      await until('rsyslogd', ready);
    },
    async kill(signal) {
      running?.kill(signal);
      await running?.end();
      running = null;
    },
  };
}

function logHost(own: Daemon): LogHost {
  const pattern = join(own.dir, 'remote/*/auth.log');
  return {
    ...own,
    pattern,
    lines: () =>
      globSync(pattern).flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1)),
  };
}

function host(t: TestContext, own: Daemon): Host {
  return {
    ...own,
    async log(messages) {
      const args = ['--socket', join(own.dir, 'socket'), '-p', 'auth.info', '-t', 'sshd[7]'];
      const logger = spawn('logger', args, { stdio: ['pipe', 'ignore', 'inherit'] });
      t.after(() => logger.kill('SIGKILL'));
      logger.stdin.end(messages.map((message) => `${message}\n`).join(''));
      const [status] = (await once(logger, 'close')) as [number | null];
      if (status !== 0) throw new Error(`logger ended with ${status}`);
    },
  };
}
