import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { isLocked, lockQueue } from '../../src/queue/lock.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const LOCK = new URL('../../src/queue/lock.ts', import.meta.url).href;

test('a second agent with the same queue is refused, and may have it when the first has ended', (t) => {
  const path = join(tempDir(t), 'queue.db');
  assert.equal(isLocked(path), false);
  const lock = lockQueue(path);
  assert.equal(isLocked(path), true);
  assert.throws(() => lockQueue(path), /another denywatch is running with the queue .*queue\.db/);
  lock.release();
  assert.equal(isLocked(path), false);
  lockQueue(path).release();
});

test('a lock dies with the process that held it', async (t) => {
  const path = join(tempDir(t), 'queue.db');
  // It holds on to the lock: one that nothing refers to any more is let go as garbage.
  const source = `import { lockQueue } from '${LOCK}';
    const lock = lockQueue(process.argv[1]);
    setInterval(() => lock, 1e6);`;
  const holder = program(t, process.execPath, [
    '--input-type=module-typescript',
    '-e',
    source,
    path,
  ]);
  await until('the lock', () => isLocked(path));
  holder.kill('SIGKILL');
  await holder.end();
  assert.equal(isLocked(path), false);
});

test('the directory of a queue is created, or the error names it', (t) => {
  const dir = tempDir(t);
  lockQueue(join(dir, 'a/b/queue.db')).release();
  writeFileSync(join(dir, 'file'), '');
  assert.throws(() => lockQueue(join(dir, 'file/queue.db')), {
    name: 'QueueError',
    message: /^cannot create the directory .*\/file for the queue: file already exists; create it /,
  });
});
