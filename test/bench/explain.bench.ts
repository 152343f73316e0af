/** Finding the refusals of a big auth.log, against what people would run instead. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { EXECUTABLE } from './executable.ts';
import { MB, NEEDLES, writeLog } from './logs.ts';
import { compare, timed } from './measure.ts';

const SIZE = 200 * MB;
/** What the slower ones are given: fail2ban-regex takes seconds for this, sec and rsyslog less. */
const SLICE = 10 * MB;

const unit = 'MB/s';
const better = 'more';
const grepped = `grep -c -F with ${NEEDLES.length} needles`;
const explained = `explain --json, ${SIZE / MB} MB of auth.log`;

test('explain and grep', async (t) => {
  const log = join(tempDir(t), 'auth.log');
  const out = `${log}.out`;
  const { refusals } = writeLog(log, { bytes: SIZE });
  await explain(log, out);
  assert.equal(countLines(out), refusals);
  const comparison = { what: explained, unit, better, peer: grepped, wanted: 1 } as const;
  await compare(
    t,
    [comparison],
    () => explain(log),
    () => grep(log),
  );
});

test('run --once and grep', needs('nsca'), async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeLog(log, { bytes: SIZE });
  const run = await openRun(t, dir, log, SIZE);
  const what = `run --once, ${SIZE / MB} MB of auth.log, delivery included`;
  const comparison = { what, unit, better, peer: grepped, wanted: 0.7 } as const;
  await compare(t, [comparison], run, () => grep(log));
});

test('run --once and rsyslog', needs('nsca', 'rsyslog'), async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  const { refusals } = writeLog(log, { bytes: SLICE });
  const config = join(dir, 'rsyslog.conf');
  const found = join(dir, 'found');
  writeFileSync(
    config,
    `module(load="imfile")
input(type="imfile" File="${log}" Tag="log" addMetadata="off")
if $msg contains "refused connect" then action(type="omfile" File="${found}")
`,
  );
  const rsyslog = async () => {
    const work = mkdtempSync(join(dir, 'work-'));
    rmSync(found, { force: true });
    const began = performance.now();
    const args = ['-n', '-f', config, '-i', join(work, 'pid')];
    const daemon = program(t, '/usr/sbin/rsyslogd', args, { cwd: work });
    await until('rsyslog', () => existsSync(found) && countLines(found) === refusals, 60_000);
    const wall = (performance.now() - began) / 1000;
    daemon.kill('SIGKILL');
    await daemon.end();
    // Where it stands in the file is kept in its directory of work.
    rmSync(work, { recursive: true });
    return [SLICE / MB / wall];
  };
  const what = `run --once, ${SLICE / MB} MB of auth.log, delivery included`;
  const peer = 'rsyslog, imfile to omfile with `contains`';
  const run = await openRun(t, dir, log, SLICE);
  await compare(t, [{ what, unit, better, peer, wanted: null }], run, rsyslog);
});

test('explain and fail2ban-regex', needs('fail2ban'), async (t) => {
  const log = join(tempDir(t), 'auth.log');
  const slice = `${log}.slice`;
  writeLog(log, { bytes: SIZE });
  writeLog(slice, { bytes: SLICE });
  const fail2ban = async () => {
    const args = [slice, 'refused connect from \\S+ \\(<HOST>\\)'];
    const { wall } = await timed('fail2ban-regex', args);
    return [SLICE / MB / wall];
  };
  const peer = `fail2ban-regex with one expression, ${SLICE / MB} MB`;
  const comparison = { what: explained, unit, better, peer, wanted: 100 } as const;
  await compare(t, [comparison], () => explain(log), fail2ban);
});

async function explain(log: string, stdout = '/dev/null'): Promise<number[]> {
  const args = ['explain', '--json', log];
  const { wall } = await timed(EXECUTABLE, args, { stdout });
  return [SIZE / MB / wall];
}

/** Runs the agent over a log to its end, each time with a new queue. */
async function openRun(t: test.TestContext, dir: string, log: string, size: number) {
  const nsca = await startNsca(t, { method: 1, mode: '--single' });
  return async () => {
    const config = writeConfig(mkdtempSync(join(dir, 'round-')), {
      sources: [{ file: log }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'xor', password: 'secret' }],
      pace: { results: 1000, every: 0 },
    });
    const args = ['run', '--once', '--config', config];
    const { wall } = await timed(EXECUTABLE, args);
    return [size / MB / wall];
  };
}

async function grep(log: string): Promise<number[]> {
  const args = ['-c', '-F', ...NEEDLES.flatMap((needle) => ['-e', needle]), log];
  const env = { ...process.env, LC_ALL: 'C' };
  // Not to /dev/null: there grep stops at the first match.
  const { wall } = await timed('grep', args, { env, stdout: `${log}.count` });
  return [SIZE / MB / wall];
}

function countLines(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}
