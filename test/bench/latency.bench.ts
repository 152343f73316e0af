/** From the write to the log until word of it has come, against rsyslog's way over the network. */
import { EventEmitter, once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createReceiver } from '../../src/monitor/nsca/receiver.ts';
import { writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { EXECUTABLE } from './executable.ts';
import { compare, quantile } from './measure.ts';
import { randomFrom } from '../support/random.ts';

/** Denials of a round. */
const SAMPLES = 100;
/** Upper ends of the histogram's rows, ms. */
const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 25, 50, Infinity];

test('a denial arrives', needs('rsyslog'), async (t) => {
  const dir = tempDir(t);
  const random = randomFrom(7);
  /** Emits a client's address when word of it has come. */
  const arrivals = new EventEmitter();
  let n = 0;
  /** The newest session with the monitor. */
  const session = { packets: 0 };

  /** Writes a refusal to the log, and gives the ms until word of it has come. */
  const arrival = async (log: string) => {
    const client = `10.${++n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    const arrived = once(arrivals, client, { signal: AbortSignal.timeout(20_000) });
    const line = `${refusal(client, n)}\n`;
    const written = performance.now();
    appendFileSync(log, line);
    await arrived;
    const took = performance.now() - written;
    await pause(20 + random(20));
    return took;
  };

  const receiver = await createReceiver({
    method: 1,
    password: Buffer.from('secret'),
    outputSize: 4096,
    onResult: ({ output }) => {
      session.packets++;
      arrivals.emit(/sshd-([\d.]+)/.exec(output)?.[1] ?? '');
    },
    onProblem: (message) => t.diagnostic(message),
  });
  receiver.on('connection', () => (session.packets = 0));
  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const config = writeConfig(dir, {
    sources: [{ file: log }],
    monitors: [
      { nsca: `127.0.0.1:${await listen(t, receiver)}`, encryption: 'xor', password: 'secret' },
    ],
    fold: { window: 0, scan: false, storm: false },
    pace: { results: 50, every: 0 },
  });
  const agent = program(t, EXECUTABLE, ['run', '--config', config]);
  await until('the agent', () => agent.stderr().includes('reporting to'));
  await pause(500);
  const all: number[] = [];
  const ours = async () => {
    const times: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      // With its first packet a session stays open for two seconds: the next one finds it so.
      do await arrival(log);
      while (session.packets !== 1);
      times.push(await arrival(log));
    }
    all.push(...times);
    return [quantile(times, 0.5), quantile(times, 0.99)];
  };

  const lines = createServer((socket) => {
    createInterface(socket).on('line', (line) =>
      arrivals.emit(/from ([\d.]+)/.exec(line)?.[1] ?? ''),
    );
  });
  const other = join(dir, 'other.log');
  writeFileSync(other, '');
  const rsyslogConfig = join(dir, 'rsyslog.conf');
  writeFileSync(
    rsyslogConfig,
    `module(load="imfile")
input(type="imfile" File="${other}" Tag="log")
if $msg contains "refused connect" then
  action(type="omfwd" target="127.0.0.1" port="${await listen(t, lines)}" protocol="tcp")
`,
  );
  program(t, '/usr/sbin/rsyslogd', ['-n', '-f', rsyslogConfig, '-i', join(dir, 'pid')], {
    cwd: dir,
  });
  await pause(500);
  const rsyslog = async () => {
    const times: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) times.push(await arrival(other));
    return [quantile(times, 0.5), quantile(times, 0.99)];
  };

  const what = 'from the write to the log until a denial has come over an open session';
  const peer = 'rsyslog, imfile to omfwd, nothing stored';
  const comparison = { unit: 'ms', better: 'less', peer, wanted: null } as const;
  await compare(
    t,
    [
      { ...comparison, what: `${what}, median`, bound: 1.5 },
      { ...comparison, what: `${what}, 99 %`, bound: 4 },
    ],
    ours,
    rsyslog,
    { chart: () => histogram(all) },
  );
});

async function listen(t: TestContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A row for each step: how many of the times are not above it, and above the one before. */
function histogram(times: readonly number[]): string {
  const rows = STEPS.map((step, i) => {
    const count = times.filter((time) => time > (STEPS[i - 1] ?? 0) && time <= step).length;
    const bar = '#'.repeat(Math.ceil((count * 60) / times.length));
    return `${(step === Infinity ? 'more' : `≤ ${step} ms`).padStart(9)} ${String(count).padStart(5)} ${bar}`;
  });
  const last = rows.findLastIndex((_, i) => times.some((time) => time > (STEPS[i - 1] ?? 0)));
  return rows.slice(0, last + 1).join('\n');
}
