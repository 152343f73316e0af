/** Results stored for good, and taken out again, with few and with many of them waiting. */
import assert from 'node:assert/strict';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Queue } from '../../src/queue/queue.ts';
import type { NewResult } from '../../src/queue/result.ts';
import { needs } from '../support/packages.ts';
import { FOLD, newPipeline, openQueue } from '../support/pipeline.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { compare, timed } from './measure.ts';

const BATCH = 1000;
const bounds = { results: 10_000_000, size: 1e12, keep: 1e12 };
const better = 'more';
const unit = 'results/s';

const addressOf = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;

/** Results for the queue. */
const resultsFrom = (from: number) =>
  Array.from({ length: BATCH }, (_, n): NewResult => ({
    monitor: 'monitor',
    at: Date.now(),
    host: 'gw',
    service: 'TCP Wrappers',
    state: 2,
    output: `Denied sshd-${addressOf(from + n)}`,
    denials: 1,
    value: 0,
  }));

test('results are stored', needs('sqlite3'), async (t) => {
  const results = 100_000;
  const dir = tempDir(t);
  const batches = Array.from({ length: results / BATCH }, (_, batch) =>
    Array.from({ length: BATCH }, (__, n) => batch * BATCH + n),
  );
  const at = new Date();
  const blocks = batches.map((numbers) =>
    Buffer.from(numbers.map((n) => `${refusal(addressOf(n), n, at)}\n`).join('')),
  );

  /** Log lines of which each makes a result, a transaction for each batch. */
  const ours = async () => {
    const queue = openQueue(join(mkdtempSync(join(dir, 'round-')), 'queue.db'));
    const fold = { ...FOLD, window: 0, scan: null, storm: null };
    const pipeline = newPipeline(queue, ['log'], { fold });
    const began = performance.now();
    blocks.forEach((bytes, n) => pipeline.take({ stream: 'log', bytes, position: { n } }));
    pipeline.caughtUp('log'); // The last two wait until then for lines after them.
    const seconds = (performance.now() - began) / 1000;
    assert.equal(queue.overview.waiting().results, results);
    pipeline.close();
    queue.close();
    return [results / seconds];
  };

  const script = join(dir, 'script');
  const rows = batches.map((numbers) =>
    numbers.map(
      (n) =>
        `INSERT INTO result VALUES (NULL, 'monitor', ${+at}, 'gw', 'TCP Wrappers', 2, 'Denied sshd-${addressOf(n)}');`,
    ),
  );
  writeFileSync(
    script,
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE result (id INTEGER PRIMARY KEY, monitor TEXT, at INTEGER, host TEXT, service TEXT, state INTEGER, output TEXT);
${rows.map((batch) => `BEGIN;\n${batch.join('\n')}\nCOMMIT;`).join('\n')}`,
  );
  const shell = async () => {
    const file = join(mkdtempSync(join(dir, 'shell-')), 'plain.db');
    const { wall } = await timed('sqlite3', [file], { stdin: script });
    return [results / wall];
  };

  const what = `log lines read, folded and stored as results, ${BATCH} in a transaction`;
  const peer = 'the shell of sqlite3, plain rows without an index';
  const comparison = { what, unit, better, peer, wanted: null, bound: 100_000 } as const;
  await compare(t, [comparison], ours, shell);
});

test('a million results wait', async (t) => {
  const results = 1_000_000;
  const part = results / 10;
  const dir = tempDir(t);
  /** Results a second in each tenth of them, by a function that does a batch. */
  const rates = (work: (from: number) => void) =>
    Array.from({ length: results / part }, (_, tenth) => {
      const began = performance.now();
      for (let done = 0; done < part; done += BATCH) work(tenth * part + done);
      return (part * 1000) / (performance.now() - began);
    });

  let few: number[] = [];
  const many = async () => {
    const path = join(mkdtempSync(join(dir, 'round-')), 'queue.db');
    const queue = new Queue(path, { bounds });
    const stored = rates((from) => queue.put(resultsFrom(from)));
    assert.equal(queue.overview.waiting().results, results);
    const most = statSync(path).size;
    const drained = rates(() => {
      const waiting = queue.outbox('monitor').waiting(-Infinity, BATCH);
      queue.outbox('monitor').delivered(waiting.map(({ id }) => id));
    });
    assert.equal(queue.overview.waiting().results, 0);
    queue.close();
    assert.ok(statSync(path).size < most / 100, 'the file is small again');
    few = [stored[0]!, drained.at(-1)!];
    return [stored.at(-1)!, drained[0]!];
  };
  const comparison = { unit, better, wanted: 0.7 } as const;
  await compare(
    t,
    [
      { ...comparison, what: 'results stored, 900,000 wait', peer: 'the first 100,000' },
      { ...comparison, what: 'results taken out, a million wait', peer: 'the last 100,000' },
    ],
    many,
    async () => few,
  );
});
