/** Compressed rotated files. */
import assert from 'node:assert/strict';
import children, { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs, { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { randomFrom } from '../../support/random.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/until.ts';
import { recordFile } from '../recorder.ts';

/** What a program makes of its input. */
function packer(program: string, ...options: string[]): (input: string) => Buffer {
  return (input) => execFileSync(program, options, { input });
}

const PACKERS: Readonly<Record<string, (text: string) => Buffer>> = {
  gz: gzipSync,
  zst: zstdCompressSync,
  xz: packer('xz'),
  bz2: packer('bzip2', '-1'),
};
const ENDINGS = ['xz', 'bz2', 'xz', 'gz', 'bz2', 'zst', 'xz', 'bz2'];

test('many short compressed files are all read, however long the last ones wait', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'first\n');
  const log = recordFile(t, { path });
  await log.sees('first');
  await log.source.stop();
  renameSync(path, `${path}.${ENDINGS.length + 1}`);
  // All that a log may have is the beginning of a line.
  for (const [n, ending] of ENDINGS.entries())
    writeFileSync(`${path}.${ENDINGS.length - n}.${ending}`, PACKERS[ending]!(`${n} ${ending}`));
  writeFileSync(path, 'last\n');
  const again = await log.restart();
  // A line without its end counts only when nothing more can come, so later lines precede it.
  const want = ['first', ...ENDINGS.map((ending, n) => `${n} ${ending}`), 'last'].toSorted().join();
  await until(want, () => again.read().toSorted().join() === want);
  assert.deepEqual(again.lost, []);
});

const NO_DESCRIPTOR = () =>
  Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });

/** As Node reports it: the process has no number and no streams. */
function notSpawned(): EventEmitter {
  const child = new EventEmitter();
  process.nextTick(() => child.emit('error', NO_DESCRIPTOR()));
  return Object.assign(child, { pid: undefined, kill: () => false });
}

/** What is missing for a while, as it shows in opening a file, running a program and reading it. */
const SHORTAGES = {
  open: (t: TestContext) =>
    t.mock.method(fs, 'openSync', () => {
      throw NO_DESCRIPTOR();
    }),
  head: (t: TestContext) =>
    t.mock.method(children, 'spawnSync', () => ({ error: NO_DESCRIPTOR(), stdout: null })),
  all: (t: TestContext) => t.mock.method(children, 'spawn', notSpawned as never),
};

for (const [what, begin] of Object.entries(SHORTAGES))
  test(`a rotated file waits while there is no descriptor left: ${what}`, async (t) => {
    const { log, path } = await readAndRotated(t);
    writeFileSync(`${path}.1.xz`, PACKERS['xz']!('second\n'));
    writeFileSync(path, 'third\n');
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const shortage = begin(t);
    syncBuiltinESMExports();
    const again = await log.restart();
    await until('a problem', () => again.source.streams().some(({ problem }) => problem !== null));
    shortage.mock.restore();
    syncBuiltinESMExports();
    await again.sees('first', 'second', 'third');
    assert.deepEqual(again.lost, []);
  });

/** A megabyte of lines that do not compress to nothing. */
function manyLines(name: string): string[] {
  const random = randomFrom(7);
  return Array.from(
    { length: 15_000 },
    (_, n) => `${name} ${n} ${random(2 ** 30)} ${'x'.repeat(40)}`,
  );
}

/** A log whose first line was read, and which was rotated while nobody looked. */
async function readAndRotated(t: TestContext) {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'first\n');
  const log = recordFile(t, { path });
  await log.sees('first');
  await log.source.stop();
  renameSync(path, `${path}.5`);
  return { log, path };
}

const ONE_OF_EACH = Object.keys(PACKERS);

test('a long compressed file of any format is read whole', async (t) => {
  const { log, path } = await readAndRotated(t);
  const want = ['first'];
  for (const [n, ending] of ONE_OF_EACH.entries()) {
    const lines = manyLines(ending);
    want.push(...lines);
    writeFileSync(`${path}.${4 - n}.${ending}`, PACKERS[ending]!(`${lines.join('\n')}\n`));
  }
  writeFileSync(path, 'last\n');
  const again = await log.restart();
  await until('the last', () => again.read().includes('last'));
  assert.equal(again.read().join('\n'), [...want, 'last'].join('\n'));
  assert.deepEqual(again.lost, []);
});

test('of several damaged compressed files each is read as far as it goes, and reported', async (t) => {
  const { log, path } = await readAndRotated(t);
  for (const [n, ending] of ONE_OF_EACH.entries()) {
    const whole = PACKERS[ending]!(`${manyLines(ending).join('\n')}\n`);
    writeFileSync(`${path}.${4 - n}.${ending}`, whole.subarray(0, -whole.length / 20));
  }
  writeFileSync(path, 'last\n');
  const again = await log.restart();
  await until('what follows them', () => again.read().includes('last'));
  const reported = again.lost.map((what) => /log\.(\d)\.\w+ could not be dec/.exec(what)?.[1]);
  assert.deepEqual(new Set(reported), new Set(['1', '2', '3', '4']));
  for (const ending of ONE_OF_EACH) {
    const read = again.read().filter((line) => line.startsWith(`${ending} `));
    assert.ok(read.length > 1_000, `${read.length} lines of ${ending}`);
    assert.deepEqual(read, manyLines(ending).slice(0, read.length));
  }
});

/** Some programs begin each of their logs with the same lines. */
const BANNER = Array.from({ length: 30 }, (_, n) => `${n} ${'='.repeat(60)}`);
const withBanner = (...lines: string[]) => `${[...BANNER, ...lines].join('\n')}\n`;

for (const [ending, pack] of Object.entries(PACKERS))
  test(`a .${ending} file that only begins like the log is read from its start`, async (t) => {
    const path = join(tempDir(t), 'auth.log');
    writeFileSync(path, withBanner('a', 'b'));
    const log = recordFile(t, { path });
    await log.sees(...BANNER, 'a', 'b');
    await log.source.stop();
    rmSync(path);
    writeFileSync(`${path}.1.${ending}`, pack(withBanner('c', 'd', 'e')));
    writeFileSync(path, 'f\n');
    const again = await log.restart();
    await again.sees(...BANNER, 'a', 'b', ...BANNER, 'c', 'd', 'e', 'f');
    assert.deepEqual(again.lost, [
      `${path} was read up to byte ${withBanner('a', 'b').length} and is gone, and no rotated copy of it was found: what was written to it after that was not read; have logrotate keep some (rotate 4)`,
    ]);
  });

test('of logs that begin alike each is read once', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, withBanner('a'));
  const log = recordFile(t, { path });
  await log.sees(...BANNER, 'a');
  await log.source.stop();
  renameSync(path, `${path}.3`);
  writeFileSync(`${path}.2.gz`, gzipSync(withBanner('b')));
  writeFileSync(`${path}.1`, withBanner('c'));
  writeFileSync(path, withBanner('d'));
  const again = await log.restart();
  await again.sees(...['a', 'b', 'c', 'd'].flatMap((line) => [...BANNER, line]));
  assert.deepEqual(again.lost, []);
});

test('of compressed logs that begin alike each is read once, also behind one that is gone', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, withBanner('a', 'b', 'c'));
  const log = recordFile(t, { path });
  await log.sees(...BANNER, 'a', 'b', 'c');
  renameSync(path, `${path}.1`);
  writeFileSync(path, withBanner('d'));
  // The first one is read to its end for good: that is saved with the next line.
  await until('its end', () => {
    appendFileSync(path, 'd\n');
    return log.positions.get(path)?.includes('"done":true') === true;
  });
  await log.source.stop();
  rmSync(`${path}.1`);
  const second = `${readFileSync(path, 'latin1')}late\n`;
  writeFileSync(`${path}.2.gz`, gzipSync(second));
  writeFileSync(`${path}.1.gz`, gzipSync(withBanner('e', 'f, which is longer')));
  writeFileSync(path, withBanner('g'));
  const again = await log.restart();
  const read = [...BANNER, 'a', 'b', 'c', ...second.trimEnd().split('\n')];
  await again.sees(...read, ...BANNER, 'e', 'f, which is longer', ...BANNER, 'g');
  assert.deepEqual(again.lost, []);
});
