import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';

const QUEUE = new URL('../../src/queue/queue.ts', import.meta.url).href;

/** Stores again and again, and ends well once it has worked ten times after it has failed. */
const STORING = `
  import { Queue } from '${QUEUE}';
  const bounds = { results: 100, size: 1 << 24, keep: 1e9 };
  const queue = new Queue(process.argv[1], { bounds, patience: 50 });
  let failed = 0;
  let good = 0;
  while (good < 10) {
    try {
      queue.inbox.leave('denial');
      if (failed > 0) good++;
      else if (queue.inbox.left(1000).length === 1000) break;
    } catch (error) {
      failed++;
      good = 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
`;

test(
  'a lock that could not be let go once does not lock the queue for ever',
  needs('strace'),
  async (t) => {
    // Some of these let go of a lock.
    const calls = [31, 32, 33];
    await Promise.all(
      calls.map(async (call) => {
        const path = join(tempDir(t), 'queue.db');
        const inject = ['-P', `${path}-shm`, '-e', `inject=fcntl:error=EIO:when=${call}`];
        const node = [process.execPath, '--input-type=module-typescript', '-e', STORING, path];
        const run = program(t, 'strace', [
          '-f',
          '-qq',
          '-e',
          'trace=fcntl',
          ...inject,
          '-o',
          '/dev/null',
          ...node,
        ]);
        assert.equal(await run.end(), 0, `${call}: ${run.stderr()}`);
      }),
    );
  },
);
