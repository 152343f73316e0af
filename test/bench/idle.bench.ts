/** What an agent costs that has nothing to do, with three sources, against fail2ban's server. */
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { program, type Program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { compare } from './measure.ts';
import { EXECUTABLE, SERVICE } from './executable.ts';

/** Until what happens at the start has ended, its garbage collected too, and how long is looked at, ms. */
const SETTLE = 45_000;
const MEASURE = Number(process.env['IDLE_SECONDS'] ?? 60) * 1000;

test('nothing happens', needs('root', 'fail2ban'), async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'log');
  mkdirSync(log);
  for (const name of ['auth.log', 'a.log', 'b.log']) writeFileSync(join(log, name), '');

  const ours = async () => {
    const round = mkdtempSync(join(dir, 'round-'));
    const config = writeConfig(round, {
      sources: [{ file: join(log, 'auth.log') }, { file: join(log, '[ab].log') }, { journal: {} }],
      monitors: [{ nsca: '127.0.0.1:9', encryption: '3des', password: 'secret' }],
    });
    const agent = program(t, EXECUTABLE, ['run', '--config', config], { env: SERVICE });
    await until('the agent', () => agent.stderr().includes('reading'));
    return measure(agent);
  };
  const fail2ban = async () => {
    const round = join(mkdtempSync(join(dir, 'round-')), 'fail2ban');
    cpSync('/etc/fail2ban', round, { recursive: true });
    for (const file of globSync(join(round, 'jail.d/*'))) rmSync(file);
    appendFileSync(
      join(round, 'jail.local'),
      `[DEFAULT]\naction =\n[sshd]\nenabled = true\nbackend = auto\nlogpath = ${log}/*.log\n`,
    );
    const [socket, pid] = [join(round, 'socket'), join(round, 'pid')];
    appendFileSync(
      join(round, 'fail2ban.local'),
      `[Definition]\nlogtarget = ${round}/log\nsocket = ${socket}\npidfile = ${pid}\ndbfile = :memory:\n`,
    );
    const server = program(t, 'fail2ban-server', [
      '-f',
      '-c',
      round,
      '-s',
      socket,
      '-p',
      pid,
      'start',
    ]);
    await until('fail2ban', () => server.stdout().includes('Server ready'));
    return measure(server);
  };
  const comparison = { better: 'less', peer: 'fail2ban-server', wanted: null } as const;
  await compare(
    t,
    [
      { ...comparison, what: 'memory of an idle agent with three sources', unit: 'MB', bound: 52 },
      { ...comparison, what: 'of which no file has a copy', unit: 'MB', bound: 14 },
      { ...comparison, what: 'its processor time', unit: '% of a core', bound: 0.05 },
    ],
    ours,
    fail2ban,
    // Nothing varies, and each round takes minutes.
    { rounds: 1 },
  );
});

/**
 * Lets it be: its resident memory, what of that is anonymous, MB of 2^20 bytes, and its processor time,
 * percent of a core.
 */
async function measure(idle: Program): Promise<number[]> {
  await pause(SETTLE);
  const before = cpuMs(idle.pid);
  await pause(MEASURE);
  const percent = (100 * (cpuMs(idle.pid) - before)) / MEASURE;
  const status = readFileSync(`/proc/${idle.pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  idle.kill();
  await idle.end();
  return [megabytes('VmRSS'), megabytes('RssAnon'), percent];
}

/** Time on a processor so far, ms, of all threads; finer than the ticks of /proc/PID/stat. */
function cpuMs(pid: number): number {
  const threads = globSync(`/proc/${pid}/task/*/schedstat`);
  return threads.reduce(
    (sum, file) => sum + Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6,
    0,
  );
}
