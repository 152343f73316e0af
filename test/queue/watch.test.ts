import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { Queue } from '../../src/queue/queue.ts';
import { QueueWatch } from '../../src/queue/watch.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const bounds = { results: 100, size: 1 << 20, keep: 60_000 };

/** Another process, as far as SQLite knows: leaves a denial each time that its turn comes. */
const WRITER = `
  const { path, turn } = require('node:worker_threads').workerData;
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(path, { timeout: 5000 });
  for (let n = 0; ; n++) {
    Atomics.wait(turn, 0, n);
    db.exec("INSERT INTO inbox (denial) VALUES ('1')");
  }
`;

void test('a write of another process is noticed each time, also where the disk is slow', async (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = new Queue(path, { bounds });
  t.after(() => queue.close());
  let noticed = 0;
  const log = pino({ level: 'silent' });
  const watch = new QueueWatch(queue, (byOthers) => byOthers && noticed++, log);
  t.after(() => watch.close());
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const writer = new Worker(WRITER, { eval: true, workerData: { path, turn } });
  t.after(() => writer.terminate());
  for (let n = 1; n <= 40; n++) {
    Atomics.store(turn, 0, n);
    Atomics.notify(turn, 0);
    await until(`write ${n} to be noticed`, () => noticed === n);
  }
  assert.equal(queue.inbox.left(100).length, 40);
});
