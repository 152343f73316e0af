import assert from 'node:assert/strict';
import fs, {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/until.ts';
import { recordFile } from '../recorder.ts';

/** What logrotate does when it compresses: the time of the last write stays. */
function compress(name: string, at = new Date()): void {
  writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
  utimesSync(`${name}.gz`, at, at);
  rmSync(name);
}

test('a first start from the start reads the whole file, then follows it', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(`${path}.1`, 'old\n');
  writeFileSync(path, 'a\nb\n');
  const log = recordFile(t, { path });
  await log.sees('a', 'b');
  appendFileSync(path, 'c\nd');
  await log.sees('a', 'b', 'c');
  appendFileSync(path, 'e\n');
  await log.sees('a', 'b', 'c', 'de');
  assert.deepEqual(log.source.streams(), [{ stream: path, behind: 0, problem: null }]);
});

test('what lies in a directory of rotated files since before the first start is not read', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'auth.log');
  const old = join(dir, 'old');
  mkdirSync(old);
  const before = new Date(Date.now() - 3_600_000);
  for (const n of [1, 2]) {
    writeFileSync(join(old, `auth.log.${n + 1}`), `old ${n}`.padEnd(100).concat('\n'));
    utimesSync(join(old, `auth.log.${n + 1}`), before, before);
  }
  const line = 'a'.padEnd(100);
  writeFileSync(path, `${line}\n`);
  const log = recordFile(t, { path });
  await log.sees(line);
  await log.source.stop();
  appendFileSync(path, 'b\n');
  renameSync(path, join(old, 'auth.log.1'));
  writeFileSync(path, 'c\n');
  await (await log.restart()).sees(line, 'b', 'c');
});

test('a first start from the end reads what comes after it, also after a restart', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nb\n');
  const log = recordFile(t, { path, from: null });
  await log.source.drained();
  await log.source.stop();
  appendFileSync(path, 'c\n');
  await (await log.restart()).sees('c');
});

test('once: reads to the end that is there, from the start unless told otherwise', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nb\n');
  const log = recordFile(t, { path, from: null }, { once: true });
  await log.source.drained();
  assert.deepEqual(log.read(), ['a', 'b']);
  const end = recordFile(t, { path, from: 'end' }, { once: true });
  await end.source.drained();
  assert.deepEqual(end.read(), []);
});

test('a log that fails in the middle does not keep its taker waiting for the rest', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, `${'x'.repeat(99)}\n`.repeat(10_000));
  const { readSync } = fs;
  const fails = t.mock.method(fs, 'readSync', (fd: number, ...args: unknown[]) => {
    if (Number(args[3]) > 1000) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    return Reflect.apply(readSync, fs, [fd, ...args]) as number;
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const log = recordFile(t, { path });
  await until('an end', () => log.ends.length > 0);
  assert.ok(log.read().length > 1000 && log.read().length < 10_000);
  assert.match(log.source.streams()[0]?.problem ?? '', /EIO/);
  fails.mock.restore();
  syncBuiltinESMExports();
  await until('the rest', () => log.read().length === 10_000);
});

function notConnected(): never {
  throw Object.assign(new Error('ENOTCONN: socket is not connected'), { code: 'ENOTCONN' });
}

test('a log whose file system fails is a problem to report, and nothing that throws', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  t.mock.method(fs, 'fstatSync', notConnected);
  t.mock.method(fs, 'readSync', notConnected);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  assert.equal(log.source.streams().length, 1);
  writeFileSync(path, 'a\nb\n');
  await until('a problem', () => /ENOTCONN/.test(log.source.streams()[0]?.problem ?? ''));
  t.mock.restoreAll();
  syncBuiltinESMExports();
  await log.sees('a', 'b');
});

test('a late writer to a rotated file is read', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path, keepRotated: 60_000 });
  await log.sees('a');
  appendFileSync(path, 'b\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'c\n');
  await log.sees('a', 'b', 'c');
  appendFileSync(`${path}.1`, 'late\n');
  await log.sees('a', 'b', 'c', 'late');
});

test('several rotations while it was stopped, some of them compressed', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  await log.source.stop();
  appendFileSync(path, 'b\n');
  renameSync(path, `${path}.3`);
  compress(`${path}.3`);
  writeFileSync(`${path}.2`, 'c\n');
  compress(`${path}.2`);
  writeFileSync(`${path}.1`, 'd\n');
  writeFileSync(path, 'e\n');
  const again = await log.restart();
  await again.sees('a', 'b', 'c', 'd', 'e');
  assert.deepEqual(again.lost, []);
});

test('dated names are followed from the oldest', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  await log.source.stop();
  renameSync(path, `${path}-20261121`);
  compress(`${path}-20261121`);
  writeFileSync(`${path}-20261122`, 'b\n');
  writeFileSync(path, 'c\n');
  await (await log.restart()).sees('a', 'b', 'c');
});

test('copytruncate, live and while it was stopped', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  appendFileSync(path, 'b\n');
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  appendFileSync(path, 'c\n');
  await log.sees('a', 'b', 'c');
  await log.source.stop();
  appendFileSync(path, 'd\n');
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  appendFileSync(path, 'e, which makes it longer than it was\n');
  const again = await log.restart();
  await again.sees('a', 'b', 'c', 'd', 'e, which makes it longer than it was');
  assert.deepEqual(again.lost, []);
});

test('a stale writer leaves a hole when its file is truncated: the line after it is read', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  const writer = openSync(path, 'w');
  t.after(() => closeSync(writer));
  writeSync(writer, `${'x'.repeat(100_000)}\n`);
  const log = recordFile(t, { path, maxLine: 50_000 });
  await until('the first line', () => log.read().length === 1);
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  writeSync(writer, 'refused\n');
  await log.sees('x'.repeat(50_000), 'refused');
  assert.deepEqual(log.lost, []);
});

test('a truncated file without a copy is no alarm when all of it was read', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nb\n');
  const log = recordFile(t, { path });
  await log.sees('a', 'b');
  truncateSync(path, 0);
  await log.source.drained();
  appendFileSync(path, 'c\n');
  await log.sees('a', 'b', 'c');
  assert.deepEqual(log.lost, []);
});

test('deleted and created again, also with the same first line', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  appendFileSync(path, 'b\n');
  unlinkSync(path);
  await log.sees('a', 'b');
  writeFileSync(path, 'a\nc\n');
  await log.sees('a', 'b', 'a', 'c');
  assert.deepEqual(log.lost, []);
});

test('a file that is gone after a restart, with no copy of it, is an alarm', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  await log.source.stop();
  unlinkSync(path);
  writeFileSync(path, 'b\n');
  const again = await log.restart();
  await again.sees('a', 'b');
  assert.equal(again.lost.length, 1);
  assert.match(again.lost[0]!, /was read up to byte 2 and is gone, and no rotated copy/);
});

test('a symbolic link is followed when it is switched, also while it was stopped', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'current');
  const switchTo = (target: string) => {
    symlinkSync(target, `${path}.new`);
    renameSync(`${path}.new`, path);
  };
  writeFileSync(join(dir, 'one'), 'a\n');
  switchTo('one');
  const log = recordFile(t, { path });
  await log.sees('a');
  writeFileSync(join(dir, 'two'), 'b\n');
  switchTo('two');
  await log.sees('a', 'b');
  await log.source.stop();
  appendFileSync(join(dir, 'two'), 'c\n');
  writeFileSync(join(dir, 'three'), 'd\n');
  switchTo('three');
  const again = await log.restart();
  await again.sees('a', 'b', 'c', 'd');
  assert.deepEqual(again.lost, []);
});

test('the directory is moved away and created again', async (t) => {
  const dir = join(tempDir(t), 'log');
  const path = join(dir, 'auth.log');
  mkdirSync(dir);
  writeFileSync(path, 'a\n');
  const log = recordFile(t, { path });
  await log.sees('a');
  renameSync(dir, `${dir}.old`);
  appendFileSync(join(`${dir}.old`, 'auth.log'), 'b\n');
  await log.sees('a', 'b');
  mkdirSync(dir);
  writeFileSync(path, 'c\n');
  await log.sees('a', 'b', 'c');
});

test('a partial last line waits for its end, over a restart too', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nhal');
  const log = recordFile(t, { path });
  await log.sees('a');
  const again = await log.restart();
  appendFileSync(path, 'f\n');
  await again.sees('a', 'half');
});

test('the last line of a rotated file needs no newline', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nlast');
  const log = recordFile(t, { path });
  await log.sees('a');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'b\n');
  await log.sees('a', 'b', 'last');
});

test('a missing directory and file: said once, read from the start when they come', async (t) => {
  const path = join(tempDir(t), 'later', 'auth.log');
  const log = recordFile(t, { path, from: null });
  await log.source.drained();
  await log.source.drained();
  assert.deepEqual(log.log, ['cannot read: it does not exist; it is read when it appears']);
  assert.equal(log.source.streams()[0]?.problem, 'it does not exist; it is read when it appears');
  mkdirSync(join(path, '..'));
  writeFileSync(path, 'a\n');
  await log.sees('a');
  assert.equal(log.source.streams()[0]?.problem, null);
});

test('a refused block is offered again, its place is kept, and it is said once', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a\nb\n');
  let offered = 0;
  const log = recordFile(t, { path }, { refuse: () => ++offered <= 2 });
  await log.sees('a', 'b');
  assert.deepEqual(log.log, [
    'cannot store what was read, trying again; is the disk full?',
    'storing works again',
  ]);
  assert.ok(offered < 6);
});

test('long lines are cut and bytes pass untouched', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, Buffer.from(`${'x'.repeat(900_000)}\nb\xff\0b\n`, 'latin1'));
  const log = recordFile(t, { path, maxLine: 1_000 });
  await log.sees('x'.repeat(1_000), 'b\xff\0b');
  assert.deepEqual(log.log, [
    'kept only the first 1000 bytes of longer lines; maxLine sets this limit',
  ]);
});

test('a glob follows files that come, also while it was stopped, and leaves out rotated ones', async (t) => {
  const dir = tempDir(t);
  const [one, two, three] = ['one.log', 'two.log', 'three.log'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(one, 'a\n');
  writeFileSync(`${one}.1`, 'old\n');
  const log = recordFile(t, { path: join(dir, '*.log*'), from: null });
  await log.source.drained();
  writeFileSync(two, 'b\n');
  await until('the second file', () => log.read(two).join() === 'b');
  await log.source.stop();
  writeFileSync(three, 'c\n');
  const again = await log.restart();
  await until('the third file', () => again.read(three).join() === 'c');
  assert.deepEqual(again.read(one), []);
  const streams = again.source.streams().map(({ stream }) => stream);
  assert.deepEqual(streams.toSorted(), [one, three, two]);
  rmSync(two);
  await until('the second file to go', () => again.source.streams().length === 2);
});

/** What rsync and editors do. */
function replace(path: string, lines: string): void {
  copyFileSync(path, `${path}.new`);
  appendFileSync(`${path}.new`, lines);
  renameSync(`${path}.new`, path);
}

test('a longer copy that takes the place of a log is read on where that was', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a first line\n');
  const log = recordFile(t, { path });
  await log.sees('a first line');
  replace(path, 'b\n');
  await log.sees('a first line', 'b');
  replace(path, 'c\n');
  await log.sees('a first line', 'b', 'c');
  await log.source.stop();
  replace(path, 'd\n');
  replace(path, 'e\n');
  const again = await log.restart();
  await again.sees('a first line', 'b', 'c', 'd', 'e');
  // In place, as cp does it.
  const whole = readFileSync(path, 'utf8');
  writeFileSync(path, `${whole}f\n`);
  await again.sees('a first line', 'b', 'c', 'd', 'e', 'f');
  assert.deepEqual(again.lost, []);
});

test('what is new in a longer copy is read where it was compressed before anybody saw it', async (t) => {
  for (const isRunning of [true, false]) {
    const path = join(tempDir(t), 'auth.log');
    writeFileSync(path, 'a first line\n');
    const log = recordFile(t, { path });
    await log.sees('a first line');
    if (!isRunning) await log.source.stop();
    // In one turn of the event loop: the log is not looked at in between.
    replace(path, 'b\nhalf');
    renameSync(path, `${path}.1`);
    compress(`${path}.1`);
    writeFileSync(path, 'c\n');
    const then = isRunning ? log : await log.restart();
    await until('all of it', () => then.read().length === 4);
    assert.deepEqual(then.read().toSorted(), ['a first line', 'b', 'c', 'half']);
    assert.deepEqual(then.lost, []);
  }
});

test('a longer copy that was compressed and is damaged is reported', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a first line\n');
  const log = recordFile(t, { path });
  await log.sees('a first line');
  replace(path, 'b\n');
  const packed = gzipSync(readFileSync(path));
  writeFileSync(`${path}.1.gz`, packed.subarray(0, -8));
  rmSync(path);
  writeFileSync(path, 'c\n');
  await until('what follows it', () => log.read().includes('c'));
  assert.match(log.lost.join('\n'), /auth\.log\.1\.gz could not be decompressed beyond byte/);
});

test('a late writer of a log that was compressed at once is read', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a first line\nha');
  const log = recordFile(t, { path, keepRotated: 60_000 });
  await log.sees('a first line');
  const writer = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  compress(`${path}.1`);
  writeFileSync(path, 'c\n');
  await log.sees('a first line', 'c');
  writeSync(writer, 'lf\n');
  closeSync(writer);
  await log.sees('a first line', 'c', 'half');
});

test('a log that is created again with the same content counts again', async (t) => {
  const path = join(tempDir(t), 'auth.log');
  writeFileSync(path, 'a first line\n');
  const log = recordFile(t, { path });
  await log.sees('a first line');
  unlinkSync(path);
  writeFileSync(path, 'a first line\n');
  await log.sees('a first line', 'a first line');
});

test('rotated files under any name are read, another log of a like name is not', async (t) => {
  const ways = ['-202611', '.2026-11', '-2026-W48', '-20261122T090000+0100', '/../old/auth.log-1'];
  for (const way of ways) {
    const dir = join(tempDir(t), 'logs');
    mkdirSync(join(dir, '../old'), { recursive: true });
    mkdirSync(dir);
    const path = join(dir, 'auth.log');
    const name = way.startsWith('/') ? join(dir, way) : path + way;
    writeFileSync(path, 'a\n');
    writeFileSync(`${path}-extra`, 'extra\n');
    const log = recordFile(t, { path });
    await log.sees('a');
    await log.source.stop();
    appendFileSync(path, 'b\n');
    renameSync(path, name);
    writeFileSync(path, 'c\n');
    const again = await log.restart();
    await again.sees('a', 'b', 'c');
    assert.deepEqual(again.lost, [], way);
  }
});
