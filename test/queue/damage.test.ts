/** A queue whose damage is found only when it is used. */
import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { changeQueue } from '../../src/queue/change.ts';
import { Queue } from '../../src/queue/queue.ts';
import { askQueue } from '../../src/queue/reader.ts';
import { tempDir } from '../support/temp.ts';

const BOUNDS = { results: 100, size: 1 << 24, keep: 1e9 };
const PAGE = 4096;

test('damage that shows while a queue is used is reported with the file and what to do', (t) => {
  const path = join(tempDir(t), 'queue.db');
  new Queue(path, { bounds: BOUNDS }).close();
  const file = openSync(path, 'r+');
  // All but the first page, which has the schema's beginning.
  writeSync(file, Buffer.alloc(statSync(path).size - PAGE, 'x'), 0, null, PAGE);
  closeSync(file);
  const says = {
    name: 'QueueError',
    message: /^the queue .*queue\.db .*is damaged: .*Move it away/,
  };
  assert.throws(() => askQueue(path, ({ overview }) => overview.all()), says);
  assert.throws(() => changeQueue(path, { bounds: BOUNDS }, (queue) => queue.retry(null)), says);
});
