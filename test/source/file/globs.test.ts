/** A source that is a glob: which files are logs of their own, and what becomes of the others. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/until.ts';
import { recordFile, type Recorder } from '../recorder.ts';

function directory(t: TestContext, names: readonly string[]): string {
  const dir = tempDir(t);
  for (const name of names) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), `${name} old\n`);
  }
  return dir;
}

const seen = (log: Recorder, path: string, ...lines: string[]) =>
  until(`${path}: ${lines.join(' ')}`, () => log.read(path).join() === lines.join()).catch(
    (error) => {
      throw new Error(`${(error as Error).message}, not ${log.read(path).join(' ')}`);
    },
  );

/** Names of nine hosts' logs, five of which look as if rotation had made them. */
const HOSTS = [
  '10.0.0.1',
  '10.0.0.2',
  'db-bak.log',
  'db.log',
  'mail-old.log',
  'mail.log',
  'web.1.log',
  'web.log',
  'zone.log',
];

test('logs whose names look rotated are read like any other', async (t) => {
  const dir = directory(t, HOSTS);
  const log = recordFile(t, { path: join(dir, '*'), from: 'end' });
  await log.source.drained();
  for (const name of HOSTS) appendFileSync(join(dir, name), `${name}\n`);
  for (const name of HOSTS) await seen(log, join(dir, name), name);
  const once = recordFile(t, { path: join(dir, '*'), from: 'start' }, { once: true });
  await once.source.drained();
  for (const name of HOSTS) await seen(once, join(dir, name), `${name} old`, name);
});

test('directories in a pattern: what is there, and what comes', async (t) => {
  const dir = directory(t, ['a/auth.log', 'b/auth.log', 'b/other.log', '.c/auth.log']);
  const log = recordFile(t, { path: join(dir, '*', 'auth.log'), from: 'end' });
  await log.source.drained();
  appendFileSync(join(dir, 'a/auth.log'), 'a\n');
  appendFileSync(join(dir, 'b/other.log'), 'other\n');
  await seen(log, join(dir, 'a/auth.log'), 'a');
  mkdirSync(join(dir, 'new'));
  writeFileSync(join(dir, 'new/auth.log'), 'first\n');
  await seen(log, join(dir, 'new/auth.log'), 'first');
  await log.source.stop();
  mkdirSync(join(dir, 'later'));
  writeFileSync(join(dir, 'later/auth.log'), 'second\n');
  const again = await log.restart();
  await seen(again, join(dir, 'later/auth.log'), 'second');
  assert.deepEqual(again.read(join(dir, 'b/other.log')), []);
});

test('a directory that comes below ** is read with all that is in it', async (t) => {
  const dir = directory(t, ['a/b/x.log']);
  const log = recordFile(t, { path: join(dir, '**', '*.log') });
  await seen(log, join(dir, 'a/b/x.log'), 'a/b/x.log old');
  mkdirSync(join(dir, 'c/d/e'), { recursive: true });
  writeFileSync(join(dir, 'c/d/e/y.log'), 'y\n');
  await seen(log, join(dir, 'c/d/e/y.log'), 'y');
});

test('what rotation made of a log is not read again, whatever the pattern and the name', async (t) => {
  const dir = directory(t, ['auth.log', 'web.log', 'web.1.log', 'web.2.log']);
  const path = (name: string) => join(dir, name);
  const log = recordFile(t, { path: path('*') });
  for (const name of ['auth.log', 'web.log', 'web.1.log', 'web.2.log'])
    await seen(log, path(name), `${name} old`);
  // logrotate's `extension .log`, and a name of months.
  renameSync(path('web.2.log'), path('web.3.log'));
  renameSync(path('web.1.log'), path('web.2.log'));
  renameSync(path('web.log'), path('web.1.log'));
  writeFileSync(path('web.log'), 'web new\n');
  renameSync(path('auth.log'), path('auth.log-22Nov2026'));
  writeFileSync(path('auth.log'), 'auth new\n');
  await seen(log, path('web.log'), 'web.log old', 'web new');
  await seen(log, path('auth.log'), 'auth.log old', 'auth new');
  const again = await log.restart();
  appendFileSync(path('web.log'), 'web last\n');
  await seen(again, path('web.log'), 'web.log old', 'web new', 'web last');
  await again.source.drained();
  const all = [...again.lines.values()].flat();
  assert.equal(all.length, new Set(all).size, all.join(', '));
  assert.deepEqual(again.lost, []);
});

test('copytruncate under a pattern that matches the copies too', async (t) => {
  const dir = directory(t, ['auth.log']);
  const path = join(dir, 'auth.log');
  const log = recordFile(t, { path: join(dir, '*') });
  await seen(log, path, 'auth.log old');
  appendFileSync(path, `b ${'x'.repeat(99)}\n`);
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  appendFileSync(path, 'c\n');
  await seen(log, path, 'auth.log old', `b ${'x'.repeat(99)}`, 'c');
  const again = await log.restart();
  await again.source.drained();
  assert.deepEqual(again.read(`${path}.1`), []);
});

test('a file beside a log of the same name and a number is a log once it grows', async (t) => {
  const dir = directory(t, ['web', 'web.1']);
  const log = recordFile(t, { path: join(dir, '*'), from: 'end', keepRotated: 0 });
  await log.source.drained();
  // Until then the line would be one of a late writer.
  await log.source.drained();
  appendFileSync(join(dir, 'web.1'), 'new\n');
  await seen(log, join(dir, 'web.1'), 'new');
  const again = await log.restart();
  appendFileSync(join(dir, 'web.1'), 'more\n');
  await seen(again, join(dir, 'web.1'), 'new', 'more');
  assert.deepEqual(again.read(join(dir, 'web')), []);
});

test('a FIFO, a device, a directory and a compressed file are left alone', async (t) => {
  const dir = directory(t, ['auth.log']);
  execFileSync('mkfifo', [join(dir, 'fifo.log')]);
  symlinkSync('/dev/zero', join(dir, 'zero.log'));
  mkdirSync(join(dir, 'dir.log'));
  writeFileSync(join(dir, 'bomb.log.gz'), gzipSync(Buffer.alloc(1 << 24)));
  writeFileSync(join(dir, 'sparse.log'), '');
  truncateSync(join(dir, 'sparse.log'), 20 * 2 ** 30);
  const log = recordFile(t, { path: join(dir, '*'), from: 'end' });
  await log.source.drained();
  appendFileSync(join(dir, 'auth.log'), 'a\n');
  await seen(log, join(dir, 'auth.log'), 'a');
  const streams = log.source.streams().map(({ stream }) => stream.slice(dir.length + 1));
  assert.deepEqual(streams.toSorted(), ['auth.log', 'sparse.log']);
});

test('a first start that is cut off before the time of it is kept starts again as the first', async (t) => {
  const dir = directory(t, ['a.log', 'b.log']);
  const path = join(dir, '*.log');
  const isTime = ({ stream }: { stream: string }) => stream === path;
  assert.throws(() => recordFile(t, { path, from: 'end' }, { refuse: isTime }), /disk full/);
  const log = recordFile(t, { path, from: 'end' });
  await log.source.drained();
  for (const name of ['a.log', 'b.log']) appendFileSync(join(dir, name), 'new\n');
  for (const name of ['a.log', 'b.log']) await seen(log, join(dir, name), 'new');
});

test('a log that is gone is known to be, and a new one of its name is read', async (t) => {
  const dir = directory(t, ['2026-11-21.log', '2026-11-22.log']);
  const [old, path] = [join(dir, '2026-11-21.log'), join(dir, '2026-11-22.log')];
  const log = recordFile(t, { path: join(dir, '*.log') });
  await seen(log, old, '2026-11-21.log old');
  rmSync(old);
  await until('it to be gone', () => log.gone.join() === old);
  writeFileSync(old, 'later\n');
  await seen(log, old, '2026-11-21.log old', 'later');
  await seen(log, path, '2026-11-22.log old');
  assert.deepEqual(log.lost, []);
});
