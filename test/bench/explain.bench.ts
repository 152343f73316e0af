/** Finding the refusals of a big auth.log, against what people would run instead. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { blocks } from '../../src/parse/blocks.ts';
import { Parser } from '../../src/parse/parser.ts';
import { writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { EXECUTABLE } from './executable.ts';
import { MB, NEEDLES, writeLog, writeMixture } from './logs.ts';
import { compare, timed } from './measure.ts';
import { MIXTURES } from './mixtures.ts';

const SIZE = 200 * MB;
/** Of logs in which many lines are refusals, or look like ones. */
const HALF = 100 * MB;
const EVERY = 5;
/** What the slower ones are given. */
const SLICE = 10 * MB;
/** What fail2ban-regex and denywatch are both given. */
const EQUAL = 50 * MB;

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

test('near misses and grep', async (t) => {
  for (const mixture of MIXTURES) {
    const log = join(tempDir(t), 'log');
    const size = writeMixture(log, mixture, HALF);
    const what = `explain --json, ${HALF / MB} MB: ${mixture.name}`;
    const comparison = { what, unit, better, peer: grepped, wanted: 0.5 } as const;
    await compare(
      t,
      [comparison],
      () => explain(log, '/dev/null', size),
      () => grep(log, size),
    );
    rmSync(log);
  }
});

test('an ordinary log and grep, with and without the start', async (t) => {
  const log = join(tempDir(t), 'auth.log');
  const { bytes } = writeLog(log, { bytes: HALF });
  const comparison = { unit, better, peer: grepped } as const;
  await compare(
    t,
    [{ ...comparison, what: `explain --json, ${HALF / MB} MB of auth.log`, wanted: 0.8 }],
    () => explain(log, '/dev/null', bytes),
    () => grep(log, bytes),
  );
  await compare(
    t,
    [{ ...comparison, what: `the same in a process that has started`, wanted: 1.2 }],
    () => readOnly(log, bytes),
    () => grep(log, bytes),
  );
});

test('refusals that are shown', async (t) => {
  const log = join(tempDir(t), 'auth.log');
  const { refusals, bytes } = writeLog(log, { bytes: HALF }, EVERY);
  const what = `explain --json, ${HALF / MB} MB, every ${EVERY}th line a refusal`;
  const comparison = { what, unit: 'refusals/s', better, peer: grepped } as const;
  const of = ([rate = 0]: number[]) => [(rate * MB * refusals) / bytes];
  await compare(
    t,
    [{ ...comparison, wanted: null, bound: 400_000 }],
    async () => of(await explain(log, `${log}.out`, bytes)),
    async () => of(await grep(log, bytes)),
  );
});

test('refusals that are stored', needs('nsca'), async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  const { bytes } = writeLog(log, { bytes: HALF }, EVERY);
  const run = await openRun(t, dir, log, bytes);
  const what = `run --once, ${HALF / MB} MB, every ${EVERY}th line a refusal`;
  // Twice what the first version did, from its source.
  const comparison = { what, unit, better, peer: grepped, wanted: null, bound: 95 } as const;
  await compare(t, [comparison], run, () => grep(log, bytes));
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
  const { bytes } = writeLog(log, { bytes: EQUAL });
  const fail2ban = async () => {
    const { wall } = await timed('fail2ban-regex', [log, 'refused connect from \\S+ \\(<HOST>\\)']);
    return [bytes / MB / wall];
  };
  const what = `explain --json, ${EQUAL / MB} MB of auth.log`;
  const peer = 'fail2ban-regex with one expression, the same file';
  const comparison = { what, unit, better, peer, wanted: 100 } as const;
  await compare(t, [comparison], () => explain(log, '/dev/null', bytes), fail2ban, { rounds: 3 });
});

async function explain(log: string, stdout = '/dev/null', size = SIZE): Promise<number[]> {
  const args = ['explain', '--json', log];
  const { wall } = await timed(EXECUTABLE, args, { stdout });
  return [size / MB / wall];
}

/** Reads a log as `explain` does, and shows nothing. */
async function readOnly(log: string, size: number): Promise<number[]> {
  const parser = new Parser();
  const began = performance.now();
  for await (const bytes of blocks([log], null))
    parser.read({ stream: log, bytes }, { denial: () => {} });
  return [(size * 1000) / MB / (performance.now() - began)];
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

async function grep(log: string, size = SIZE): Promise<number[]> {
  const args = ['-c', '-F', ...NEEDLES.flatMap((needle) => ['-e', needle]), log];
  const env = { ...process.env, LC_ALL: 'C' };
  // Not to /dev/null: there grep stops at the first match.
  const { wall } = await timed('grep', args, { env, stdout: `${log}.count` });
  return [size / MB / wall];
}

function countLines(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}
