/**
 * The demonstration of `npm start`: the whole path of a refused connection, on this machine alone.
 * A monitor (`denywatch receive`) on loopback, a log that grows, and the agent between them, each a
 * process of its own as in real use. It ends by itself and leaves nothing behind.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonWithPath } from './text/reason.ts';

const CLI = new URL('cli.ts', import.meta.url).pathname;
const PASSWORD = 'only for this demonstration';
/** How long the demonstration waits for each step, ms. */
const PATIENCE = 20_000;

/** Lines for the log; the time is put before each. */
const LINES = [
  'gw sshd[4242]: refused connect from 203.0.113.7 (203.0.113.7)',
  'gw sshd[4243]: Accepted publickey for alice from 192.0.2.10 port 40022 ssh2',
  'gw in.telnetd[4250]: refused connect from alice@scanner.example.net (198.51.100.23)',
  'gw sshd[4251]: refused connect from 203.0.113.7 (203.0.113.7)',
  'gw xinetd[4260]: libwrap refused connection to ftp (libwrap=vsftpd) from ::ffff:192.0.2.99',
];
/** One line is no refusal, and one repeats a client: three results at once, one folded. */
const AT_ONCE = 3;
const FOLDED = 'Denied sshd-203.0.113.7 (1 more in 3s)';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Calls back with each line of a stream. */
function lines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}

async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const late = pause(PATIENCE, undefined, { ref: false }).then(() => {
    throw new Error(`gave up waiting for ${what}`);
  });
  return Promise.race([promise, late]);
}

async function demonstrate(dir: string, children: ChildProcess[]): Promise<void> {
  say('1. A monitor: `denywatch receive` listens on loopback as an NSCA daemon would.');
  const monitor = start('receive', '--port', '0', '--method', 'aes', '--password', PASSWORD);
  children.push(monitor);
  const port = Promise.withResolvers<string>();
  lines(monitor.stderr, (line) => {
    const [, found] = /:(\d+)$/.exec(line) ?? [];
    if (found !== undefined) port.resolve(found);
  });
  const results = Promise.withResolvers<void>();
  let arrived = 0;
  let folded = false;
  lines(monitor.stdout, (line) => {
    say(`   the monitor got: ${line}`);
    arrived++;
    folded ||= line.includes(FOLDED);
    if (arrived > AT_ONCE && folded) results.resolve();
  });

  const log = join(dir, 'auth.log');
  const config = join(dir, 'denywatch.yaml');
  writeFileSync(log, '');
  writeFileSync(
    config,
    [
      'host: firestorm',
      `sources: [{ file: ${log} }]`,
      `monitors: [{ nsca: "127.0.0.1:${await within('the monitor', port.promise)}", encryption: aes, password: ${PASSWORD} }]`,
      'fold: { window: 3s }',
      `queue: { path: ${join(dir, 'queue.db')} }`,
    ].join('\n'),
    { mode: 0o600 },
  );
  say('\n2. A configuration:\n');
  say(readFileSync(config, 'utf8').replace(/^/gm, '     '));

  say('\n3. The agent: `denywatch run` follows the log from here on.');
  const agent = start('run', '--config', config);
  children.push(agent);
  const ready = Promise.withResolvers<void>();
  lines(agent.stderr, (line) => {
    say(`   the agent says: ${line}`);
    ready.resolve();
  });
  await within('the agent', ready.promise);
  await pause(500);

  say('\n4. The log grows, as when TCP wrappers refuse connections:');
  for (const line of LINES) {
    const logged = `${new Date().toISOString()} ${line}`;
    say(`   the log gets: ${logged}`);
    appendFileSync(log, `${logged}\n`);
    await pause(300);
  }
  say(
    '   (a client that comes again is reported once more, with the count, when its window of 3 s ends)',
  );
  await within('the results', results.promise);

  agent.kill('SIGTERM');
  await once(agent, 'close');
  monitor.kill('SIGTERM');
  await once(monitor, 'close');
  say(`
Done: ${arrived} results arrived, everything is cleaned up. With a real monitor:
   cp etc/denywatch.yaml my.yaml          then set monitors, host and password in it
   node_modules/.bin/node src/cli.ts check --config my.yaml
   node_modules/.bin/node src/cli.ts run --dry-run --config my.yaml
   node_modules/.bin/node src/cli.ts run --config my.yaml`);
}

const dir = mkdtempSync(join(tmpdir(), 'denywatch-demo-'));
const children: ChildProcess[] = [];
function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}
process.once('exit', cleanUp); // Nobody may read what is shown any more: npm start | head.
try {
  await demonstrate(dir, children);
} catch (error) {
  say(`the demonstration failed: ${reasonWithPath(error)}`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
