import assert from 'node:assert/strict';
import fs, { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { Queue } from '../../src/queue/queue.ts';
import { spool } from '../../src/queue/spool-file.ts';
import { spoolOf } from '../../src/queue/spool.ts';
import { tempDir } from '../support/temp.ts';

const SIZE = 1 << 20;

test('a file with a denial is taken once, also where it could not be removed', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = new Queue(path, { bounds: { results: 100, size: SIZE, keep: 1e9 } });
  t.after(() => queue.close());
  spool(path, { client: '192.0.2.1' }, SIZE);
  const names = readdirSync(spoolOf(path));
  // As the agent leaves it that is killed between the transaction and the removal.
  const db = new DatabaseSync(path);
  db.prepare('INSERT INTO spooled VALUES (?)').run(names[0]!);
  db.close();
  queue.inbox.takeSpooled();
  assert.deepEqual(queue.inbox.left(10), []);
  assert.deepEqual(readdirSync(spoolOf(path)), []);
});

test('what is in the spool and is no file of ours is left alone or dropped', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'queue.db');
  const queue = new Queue(path, { bounds: { results: 100, size: SIZE, keep: 1e9 } });
  t.after(() => queue.close());
  spool(path, { client: '192.0.2.1' }, SIZE);
  const at = (n: number) => join(spoolOf(path), `179576940400${n}-1-0123456789abcdef.json`);
  writeFileSync(at(1), 'no JSON');
  writeFileSync(join(dir, 'secret'), '{"client":"of another"}');
  symlinkSync(join(dir, 'secret'), at(2));
  writeFileSync(join(spoolOf(path), 'notes.txt'), 'ours');
  queue.inbox.takeSpooled();
  assert.deepEqual(queue.inbox.left(10), [{ id: 1, denial: { client: '192.0.2.1' } }]);
  assert.deepEqual(readdirSync(spoolOf(path)), ['notes.txt']);
  assert.equal(queue.overview.totals()['droppedInbox'], 2);
});

test('a file stays in the spool while the process has no descriptor left to read it', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const queue = new Queue(path, { bounds: { results: 100, size: SIZE, keep: 1e9 } });
  t.after(() => queue.close());
  spool(path, { client: '192.0.2.1' }, SIZE);
  const opening = t.mock.method(fs, 'openSync', () => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  assert.throws(() => queue.inbox.takeSpooled(), /EMFILE/);
  opening.mock.restore();
  syncBuiltinESMExports();
  queue.inbox.takeSpooled();
  assert.equal(queue.inbox.left(10).length, 1);
  assert.equal(queue.overview.totals()['droppedInbox'], undefined);
});
