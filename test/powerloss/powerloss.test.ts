/**
 * Power that is lost at any moment: what a queue's process wrote and synced is recorded, and played
 * back up to any point, with some of what was not synced, in any order, some in part. The queue that
 * is left must hold what it held after the last change that was said to be done, or after the next.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { needs } from '../support/packages.ts';
import { randomFrom } from '../support/random.ts';
import { tempDir } from '../support/temp.ts';
import { digestAfter } from './dump.ts';
import { record } from './record.ts';
import { writeState } from './state.ts';

const STATES = Number(process.env['POWERLOSS_STATES'] ?? 150);
const CHANGES = 250;
const SEED = 15;
const WORKLOAD = join(import.meta.dirname, 'workload.ts');

test(
  'after a loss of power the queue holds all that was said to be stored',
  needs('strace'),
  (t) => {
    const dir = tempDir(t);
    const path = join(dir, 'queue.db');
    const changes = record(path, [process.execPath, WORKLOAD, path, `${CHANGES}`]);
    const digests = changes.flatMap((change) =>
      change.kind === 'said' ? [change.text.trim().split(' ')[1]!] : [],
    );
    const syncs = changes.filter(({ kind }) => kind === 'sync').length;
    t.diagnostic(`${changes.length} changes of files, ${syncs} syncs, ${digests.length} said`);
    assert.equal(digests.length, CHANGES + 1);
    const random = randomFrom(SEED);
    for (let i = 0; i < STATES; i++) {
      const until = random(changes.length + 1);
      const before = changes.slice(0, until);
      writeState(before, random);
      const said = before.filter(({ kind }) => kind === 'said').length;
      assert.ok(
        digests.slice(Math.max(0, said - 1), said + 1).includes(digestAfter(path)) || said === 0,
        `state ${i} of seed ${SEED}: after ${until} changes, ${said} said`,
      );
    }
  },
);
