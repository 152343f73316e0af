/** The real logrotate, in the ways that distributions and administrators configure it. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { tempDir } from '../support/temp.ts';
import { recordFile } from '../source/recorder.ts';

const NEEDS = needs('root', 'logrotate');

const WAYS = {
  create: 'create',
  copytruncate: 'copytruncate',
  'create, compress': 'create\n compress',
  'create, compress, delaycompress': 'create\n compress\n delaycompress',
  'copytruncate, compress': 'copytruncate\n compress',
  'create, dateext, compress': 'create\n dateext\n dateformat -%Y%m%d-%s\n compress',
  nocreate: 'nocreate',
};

const nextSecond = () => pause(1_005 - (Date.now() % 1_000));

for (const [way, directives] of Object.entries(WAYS)) {
  for (const live of [true, false]) {
    test(
      `logrotate: ${way}, ${live ? 'while it reads' : 'while it is stopped'}`,
      NEEDS,
      async (t) => {
        const dir = tempDir(t);
        chmodSync(dir, 0o755); // logrotate refuses a directory that others could write to.
        const path = join(dir, 'auth.log');
        const config = join(dir, 'logrotate.conf');
        writeFileSync(config, `${path} {\n rotate 9\n su root root\n ${directives}\n}\n`, {
          mode: 0o644,
        });
        let number = 0;
        const want: string[] = [];
        const write = (count: number) => {
          const lines = Array.from({ length: count }, () => `${++number} refused connect`);
          appendFileSync(path, `${lines.join('\n')}\n`);
          want.push(...lines);
        };
        write(3);
        let log = recordFile(t, { path });
        await log.sees(...want);
        const dated = directives.includes('dateext');
        for (const rotations of dated ? [1, 2] : [1, 2, 3]) {
          if (!live) await log.source.stop();
          for (let left = rotations; left > 0; left--) {
            write(2);
            execFileSync('logrotate', ['--force', '--state', join(dir, 'state'), config]);
            write(2);
            if (dated) await nextSecond(); // The names have it.
          }
          if (!live) log = await log.restart();
          await log.sees(...want);
        }
        assert.deepEqual(log.lost, []);
        assert.ok(
          readdirSync(dir).some((name) => name !== 'auth.log' && name.startsWith('auth.log')),
        );
      },
    );
  }
}
