import assert from 'node:assert/strict';
import { chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { lockQueue } from '../../src/queue/lock.ts';
import { Queue } from '../../src/queue/queue.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';

const NOBODY = 65_534;

test('what root makes belongs to the owner of the directory', needs('root'), (t) => {
  const dir = tempDir(t);
  chownSync(dir, NOBODY, NOBODY);
  const path = join(dir, 'queue.db');
  const queue = new Queue(path, { bounds: { results: 1, size: 1 << 20, keep: 1 } });
  const lock = lockQueue(path);
  const files = readdirSync(dir).map((file) => [file, statSync(join(dir, file)).uid]);
  lock.release();
  queue.close();
  assert.deepEqual(Object.fromEntries(files), {
    'queue.db': NOBODY,
    'queue.db-shm': NOBODY,
    'queue.db-wal': NOBODY,
    'queue.db.lock': NOBODY,
  });
});
