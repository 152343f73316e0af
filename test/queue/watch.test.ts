import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { Queue } from '../../src/queue/queue.ts';
import { watchQueue } from '../../src/queue/watch.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const bounds = { results: 100, size: 1 << 20, keep: 60_000 };

/** Another process, as far as SQLite knows: leaves a denial whenever it is told to. */
const WRITER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(workerData, { timeout: 5000 });
  parentPort.on('message', () => db.exec("INSERT INTO inbox (denial) VALUES ('1')"));
  parentPort.postMessage('ready');
`;

void test('a write of another process is noticed each time, also where the disk is slow', async (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = new Queue(path, { bounds });
  t.after(() => queue.close());
  let noticed = 0;
  t.after(watchQueue(queue, (byOthers) => byOthers && noticed++));
  const writer = new Worker(WRITER, { eval: true, workerData: path });
  t.after(() => writer.terminate());
  await once(writer, 'message');
  for (let n = 1; n <= 40; n++) {
    writer.postMessage('');
    await until(`write ${n} to be noticed`, () => noticed === n, 2000);
  }
  assert.equal(queue.inbox(100).length, 40);
});
