/** kill -9 at a system call of each kind that SQLite makes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { needs } from '../support/packages.ts';
import { randomFrom } from '../support/random.ts';
import { tempDir } from '../support/temp.ts';
import { digestAfter } from './dump.ts';

const KILLS = Number(process.env['POWERLOSS_KILLS'] ?? 14);
const CHANGES = 60;
const WORKLOAD = join(import.meta.dirname, 'workload.ts');
/** Each kind of call, and how many of them there are at least. */
const CALLS = {
  pwrite64: 300,
  fdatasync: 60,
  fsync: 2,
  ftruncate: 2,
  fcntl: 400,
  openat: 60,
  unlink: 1,
};

test(
  'killed at any system call the queue holds all that was said to be stored',
  needs('strace'),
  (t) => {
    const path = join(tempDir(t), 'queue.db');
    const run = (...strace: string[]) => {
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
      const [command, ...args] = [...strace, process.execPath, WORKLOAD, path, `${CHANGES}`];
      const { stdout, status } = spawnSync(command, args, { encoding: 'utf8' });
      return { said: stdout.split('\n').filter((line) => line !== ''), status };
    };
    const digests = run().said.map((line) => line.split(' ')[1]);
    assert.equal(digests.length, CHANGES + 1);
    const random = randomFrom(9);
    let killed = 0;
    for (let i = 0; i < KILLS; i++) {
      const [call, most] = Object.entries(CALLS)[i % Object.keys(CALLS).length]!;
      const when = 1 + random(most);
      const inject = `inject=${call}:signal=KILL:when=${when}`;
      const { said, status } = run(
        'strace',
        '-qq',
        '-o',
        '/dev/null',
        '-e',
        `trace=${call}`,
        '-e',
        inject,
      );
      if (status !== 0) killed++;
      if (said.length === 0) continue;
      const after = digestAfter(path);
      assert.ok(digests.slice(said.length - 1, said.length + 1).includes(after), `${call} ${when}`);
    }
    t.diagnostic(`killed ${killed} times of ${KILLS}`);
    assert.ok(killed > KILLS / 2);
  },
);
