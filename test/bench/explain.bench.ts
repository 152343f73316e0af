/** Finding the refusals of a big auth.log, against grep with the same needles, and fail2ban-regex. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { FORMATS } from '../../src/parse/formats.ts';
import { CLI, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { compare, timed } from './measure.ts';
import { messages } from './messages.ts';

const MB = 1_000_000;
const SIZE = 200 * MB;
/** fail2ban-regex takes some seconds for this. */
const SLICE = 2 * MB;
const START = Date.UTC(2026, 10, 22);
/** Between two lines, ms. */
const STEP = 43;

/** Writes an auth.log of this size as Debian's rsyslog writes it; gives the number of refusals. */
function writeLog(path: string, size: number): number {
  const fd = openSync(path, 'w');
  let refusals = 0;
  let at = START;
  const source = messages(2);
  for (let written = 0; written < size;) {
    let block = '';
    while (block.length < MB) {
      const { program, pid, text, isRefusal } = source.next().value;
      const time = new Date((at += STEP)).toISOString().replace('Z', '000+00:00');
      block += `${time} firestorm ${program}[${pid}]: ${text}\n`;
      if (isRefusal) refusals++;
    }
    written += writeSync(fd, block);
  }
  closeSync(fd);
  return refusals;
}

const needles = [...new Set(FORMATS.flatMap((format) => format.needles))];
const unit = 'MB/s';
const better = 'more';

test('explain and grep', async (t) => {
  const log = join(tempDir(t), 'auth.log');
  const out = `${log}.out`;
  const refusals = writeLog(log, SIZE);
  await explain(log, out);
  assert.equal(readFileSync(out, 'utf8').split('\n').length - 1, refusals);
  const peer = `grep -c -F with ${needles.length} needles`;
  const what = `explain --json, ${SIZE / MB} MB of auth.log`;
  await compare(
    t,
    [{ what, unit, better, peer, wanted: 1 }],
    () => explain(log),
    () => grep(log),
  );
});

test('run --once and grep', needs('nsca'), async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeLog(log, SIZE);
  const nsca = await startNsca(t, { method: 1, mode: '--single' });
  const run = async () => {
    const config = writeConfig(mkdtempSync(join(dir, 'round-')), {
      sources: [{ file: log }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'xor', password: 'secret' }],
      pace: { results: 1000, every: 0 },
    });
    const { wall } = await timed(process.execPath, [CLI, 'run', '--once', '--config', config]);
    return [SIZE / MB / wall];
  };
  const peer = `grep -c -F with ${needles.length} needles`;
  const what = `run --once, ${SIZE / MB} MB of auth.log, delivery included`;
  await compare(t, [{ what, unit, better, peer, wanted: 0.7 }], run, () => grep(log));
});

test('explain and fail2ban-regex', needs('fail2ban'), async (t) => {
  const log = join(tempDir(t), 'auth.log');
  const slice = `${log}.slice`;
  writeLog(log, SIZE);
  writeLog(slice, SLICE);
  const fail2ban = async () => {
    const args = [slice, 'refused connect from \\S+ \\(<HOST>\\)'];
    const { wall } = await timed('fail2ban-regex', args);
    return [SLICE / MB / wall];
  };
  const what = `explain --json, ${SIZE / MB} MB of auth.log`;
  const peer = `fail2ban-regex with one expression, ${SLICE / MB} MB`;
  await compare(t, [{ what, unit, better, peer, wanted: 100 }], () => explain(log), fail2ban);
});

async function explain(log: string, stdout = '/dev/null'): Promise<number[]> {
  const { wall } = await timed(process.execPath, [CLI, 'explain', '--json', log], { stdout });
  return [SIZE / MB / wall];
}

async function grep(log: string): Promise<number[]> {
  const args = ['-c', '-F', ...needles.flatMap((needle) => ['-e', needle]), log];
  const env = { ...process.env, LC_ALL: 'C' };
  // Not to /dev/null: there grep stops at the first match.
  const { wall } = await timed('grep', args, { env, stdout: `${log}.count` });
  return [SIZE / MB / wall];
}
