/**
 * Random sequences of what may happen to a log, against a model that only knows what was written.
 * `TAIL_SEEDS=from-to` or `TAIL_SEEDS=number` runs others; a failing seed belongs into KEPT.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { randomFrom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { nothingKept, recordFile, type Recorder } from '../recorder.ts';

/** Seeds that once failed. */
const KEPT: readonly number[] = [
  83, 153, 1108, 1547, 2357, 3420, 257, 305, 344, 499, 803, 1029, 1292, 1408, 95, 1316, 3906, 4015,
  5749, 5775, 6988, 7012, 8108, 9234, 9446, 462, 628, 802, 897, 1011, 1393, 1544, 436, 1652, 1672,
  1781, 4607, 4705, 6258, 8416, 9298,
];
const SLICE = 150;

function seeds(): number[] {
  const [from, to] = (process.env['TAIL_SEEDS'] ?? `1-${SLICE}`).split('-').map(Number);
  const last = to ?? from!;
  return [...KEPT, ...Array.from({ length: last - from! + 1 }, (_, index) => from! + index)];
}

/** Ways of naming a rotated log, with a number that grows. */
const ODD = [
  'log-2026%',
  'log.2026-%',
  'log-2026-W%',
  'log-202611%T090000+0100',
  'log-17900000%',
  'log-%Nov2026',
  'old/log-202611%',
  'old/log-Nov%',
];
const PACKERS = [
  ['xz', 'xz'],
  ['bzip2', 'bz2'],
  ['zstd', 'zst'],
] as const;

/** The log, the one who writes it, and logrotate. */
class World {
  readonly written: string[] = [];
  readonly steps: string[] = [];
  readonly #dir: string;
  readonly #path: string;
  readonly #pick: (below: number) => number;
  #links = 0;
  #rotations = 0;
  /** How its rotated files are named, null where they are numbered. */
  readonly #way: string | null;
  /** No one can know where a link led in between if it is switched twice at once. */
  #switched = false;
  /** The agent has the file at the path open: what is in it can be deleted, and is read all the same. */
  #isOpen = false;
  /** It was deleted, and the agent may not have read it all: it must, before it ends. */
  mustDrain = false;
  #isReadable = true;
  /** How often a new file got the inode of one that is gone. */
  reused = 0;
  #line = 0;
  /** Written without its newline yet. */
  #half = '';

  constructor(dir: string, path: string, pick: (below: number) => number) {
    this.#dir = dir;
    this.#path = path;
    this.#pick = pick;
    this.#way = pick(3) === 0 ? ODD[pick(ODD.length)]! : null;
  }

  act(): void {
    const acts = [
      () => this.#write(),
      () => this.#write(),
      () => this.#write(),
      () => this.#writePart(),
      () => this.#rename(),
      () => this.#lateWriter(),
      () => this.#copyTruncate(),
      () => this.#compress(),
      () => this.#replaceDirectoryEntry(),
      () => this.#switchLink(),
      () => this.#delete(),
      () => this.#reuseInode(),
      () => this.#hide(),
      () => this.#replace(),
      () => this.#pack(),
    ];
    // Who rotates to other names does not number them too.
    if (this.#way !== null)
      acts.splice(
        4,
        Infinity,
        () => this.#rotateOddly(),
        () => this.#rotateOddly(),
        () => this.#replaceDirectoryEntry(),
        () => this.#replace(),
        () => this.#delete(),
        () => this.#hide(),
      );
    // What cannot be read cannot be copied either; it is written to, until it can be read again.
    if (!this.#isReadable) acts.splice(4, Infinity, () => this.show());
    acts[this.#pick(acts.length)]!();
  }

  /** Everything was read. */
  settle(): void {
    if (this.#isReadable) this.#switched = false;
    this.mustDrain = false;
    this.#isOpen = this.#isReadable && existsSync(this.#path);
  }

  /** The agent ends: it has nothing open. */
  down(): void {
    this.#isOpen = false;
  }

  /** Ends the last line, so that all that was written can be expected. */
  end(): void {
    this.show();
    if (this.#half !== '') this.#append(this.#path, '\n');
  }

  #append(file: string, text: string): void {
    if (!existsSync(file)) this.#isOpen = false;
    appendFileSync(file, text);
    const whole = (this.#half + text).split('\n');
    if (file === this.#path) this.#half = whole.pop()!;
    this.written.push(...whole.filter((line) => line !== ''));
  }

  #lines(): string {
    const lines = [];
    for (let left = 1 + this.#pick(3); left > 0; left--) {
      const length = this.#pick(10) === 0 ? 3000 : 30;
      lines.push(`${++this.#line} refused connect ${'x'.repeat(this.#pick(length))}\n`);
    }
    return lines.join('');
  }

  #write(): void {
    this.steps.push('write');
    this.#append(this.#path, this.#lines());
  }

  #writePart(): void {
    this.steps.push('part');
    this.#append(this.#path, `${this.#half === '' ? `${++this.#line}+` : ''}part${this.#pick(9)}`);
  }

  /** The file goes away: its last line never gets its newline. */
  #cut(): void {
    if (this.#half !== '') this.written.push(this.#half);
    this.#half = '';
  }

  #shift(): void {
    for (let n = 9; n > 0; n--) {
      for (const end of ['', '.gz', '.xz', '.zst', '.bz2']) {
        const name = `${this.#path}.${n}${end}`;
        if (existsSync(name)) renameSync(name, `${this.#path}.${n + 1}${end}`);
      }
    }
  }

  #rename(): void {
    if (this.#links > 0 || !existsSync(this.#path)) return;
    this.#isOpen = false;
    this.steps.push('rename');
    this.#shift();
    this.#cut();
    renameSync(this.#path, `${this.#path}.1`);
    writeFileSync(this.#path, '');
  }

  #lateWriter(): void {
    if (this.#links > 0 || !existsSync(this.#path)) return;
    this.#rename();
    this.steps.push('late');
    const before = readFileSync(`${this.#path}.1`, 'latin1');
    const half = before === '' || before.endsWith('\n') ? '' : this.written.pop()!;
    const lines = this.#lines();
    appendFileSync(`${this.#path}.1`, lines);
    this.written.push(...(half + lines.slice(0, -1)).split('\n'));
  }

  #copyTruncate(): void {
    if (this.#links > 0 || !existsSync(this.#path)) return;
    this.steps.push('copytruncate');
    this.#isOpen = false; // Until it has seen that: what it knows is gone from there.
    this.#shift();
    this.#cut();
    copyFileSync(this.#path, `${this.#path}.1`);
    truncateSync(this.#path, 0);
    if (this.#pick(2) === 0) this.#write();
  }

  #compress(): void {
    const name = `${this.#path}.${1 + this.#pick(2)}`;
    if (!existsSync(name)) return;
    this.steps.push(`gzip ${name.slice(-1)}`);
    this.#gzip(name);
  }

  /** Rotates to a name that only the file's inode identifies, or into a directory beside. */
  #rotateOddly(): void {
    if (this.#links > 0 || !existsSync(this.#path)) return;
    // Where the name says nothing, the file must have been seen under the log's own.
    if (!this.#isOpen && /Nov|old/.test(this.#way!)) return;
    this.#isOpen = false;
    this.#cut();
    const name = this.#oddName();
    this.steps.push(`rename to ${name}`);
    mkdirSync(join(this.#dir, 'old'), { recursive: true });
    renameSync(this.#path, join(this.#dir, name));
    writeFileSync(this.#path, '');
  }

  /** A world rotates in one way: names of months, weeks or times, or numbered files in a directory. */
  #oddName(): string {
    const number = String(++this.#rotations).padStart(2, '0');
    return this.#way!.replace('%', number);
  }

  /** What rsync and editors do: a longer copy takes the log's place. */
  #replace(): void {
    if (this.#links > 0 || !existsSync(this.#path) || this.#half !== '') return;
    if (statSync(this.#path).size === 0) return;
    this.steps.push('replace');
    this.#isOpen = false;
    copyFileSync(this.#path, `${this.#path}.new`);
    const lines = this.#lines();
    appendFileSync(`${this.#path}.new`, lines);
    renameSync(`${this.#path}.new`, this.#path);
    this.written.push(...lines.slice(0, -1).split('\n'));
  }

  /** Compresses the newest rotated file by another program than gzip. */
  #pack(): void {
    const name = `${this.#path}.1`;
    if (!existsSync(name)) return;
    const [program, ending] = PACKERS[this.#pick(PACKERS.length)]!;
    this.steps.push(program);
    const { atime, mtime } = statSync(name);
    if (program === 'zstd') writeFileSync(`${name}.zst`, zstdCompressSync(readFileSync(name)));
    else execFileSync(program, ['-k', name]);
    utimesSync(`${name}.${ending}`, atime, mtime);
    rmSync(name);
  }

  #gzip(name: string): void {
    const { atime, mtime } = statSync(name);
    writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
    utimesSync(`${name}.gz`, atime, mtime);
    rmSync(name);
  }

  /** Deletes the file when everything in it is known to be read, and creates it again. */
  #replaceDirectoryEntry(): void {
    if (this.#links > 0 || !existsSync(this.#path) || statSync(this.#path).size > 0) return;
    this.#isOpen = false;
    this.steps.push('recreate');
    rmSync(this.#path);
    writeFileSync(this.#path, '');
  }

  /**
   * Deletes the file with what is in it, and leaves it missing until something is written. Not with
   * a line that has not ended: only after a while can the agent know that it never will.
   */
  #delete(): void {
    if (this.#links > 0 || !this.#isOpen || this.#half !== '') return;
    this.steps.push('delete');
    this.#isOpen = false;
    this.mustDrain = true;
    rmSync(this.#path);
  }

  /** Rotates and compresses at once: where no one has the old file open, the new one gets its inode. */
  #reuseInode(): void {
    if (this.#links > 0 || !existsSync(this.#path)) return;
    const { ino } = statSync(this.#path);
    this.#rename();
    rmSync(this.#path);
    this.steps.push('reuse');
    this.#gzip(`${this.#path}.1`);
    writeFileSync(this.#path, '');
    if (statSync(this.#path).ino === ino) this.reused++;
  }

  #hide(): void {
    if (!existsSync(this.#path)) return;
    this.steps.push('hide');
    chmodSync(this.#path, 0o200);
    this.#isReadable = false;
  }

  show(): void {
    if (this.#isReadable) return;
    this.steps.push('show');
    chmodSync(this.#path, 0o600);
    this.#isReadable = true;
  }

  #switchLink(): void {
    if (this.#links === 0 || this.#switched) return;
    this.#isOpen = false;
    this.#switched = true;
    this.steps.push('link');
    this.#cut();
    const target = join(this.#dir, `target${++this.#links}`);
    writeFileSync(target, '');
    symlinkSync(target, `${this.#path}.new`);
    renameSync(`${this.#path}.new`, this.#path);
    assert.equal(readlinkSync(this.#path), target);
  }

  useLinks(): void {
    this.#links = 1;
    const target = join(this.#dir, 'target1');
    writeFileSync(target, '');
    symlinkSync(target, this.#path);
  }
}

async function play(t: TestContext, seed: number): Promise<number> {
  const pick = randomFrom(seed);
  // Files beside a log's directory are looked at too: those of other worlds must not be there.
  const root = mkdtempSync(join(tmpdir(), 'denywatch-random-'));
  const dir = join(root, 'logs');
  const path = join(dir, 'log');
  const world = new World(dir, path, pick);
  mkdirSync(dir, { recursive: true });
  if (pick(6) === 0) world.useLinks();
  else writeFileSync(path, '');
  const kept = nothingKept();
  const config = { path, keepRotated: 60, maxLine: 8_192 };
  /** So many blocks are taken until the agent is killed: then nothing it does is kept any more. */
  let lives = Infinity;
  let log: Recorder = recordFile(t, config, { refuse: () => lives-- <= 0 }, kept);
  await log.source.drained();
  for (let steps = 5 + pick(15); steps > 0; steps--) {
    const what = world.mustDrain ? pick(2) * 9 : pick(9);
    if (what === 0) {
      world.steps.push('drain');
      await log.source.drained();
      world.settle();
    } else if (what === 1) {
      world.steps.push('pause');
      await pause(pick(30));
    } else if (what === 2) {
      world.steps.push('restart');
      await log.source.stop();
      world.down();
      if (pick(2) === 0) for (let more = pick(4); more > 0; more--) world.act();
      log = await log.restart();
    } else if (what === 3) {
      world.steps.push('kill');
      lives = pick(3);
      world.down();
      if (pick(2) === 0) world.act();
      if (pick(2) === 0) await pause(pick(30));
      await log.source.stop();
      if (pick(2) === 0) for (let more = pick(4); more > 0; more--) world.act();
      lives = Infinity;
      log = await log.restart();
    } else {
      world.act();
    }
  }
  world.end();
  const want = world.written.toSorted().join('\n');
  const read = () => log.read().toSorted().join('\n');
  await until('all of it', () => read() === want).catch(() => {});
  await log.source.stop();
  try {
    assert.equal(read(), want);
    // It cannot know that nothing more was written to what was deleted while it was away.
    const lost = kept.lost.filter((what) => !/ is gone, .* after that was not read;/.test(what));
    assert.deepEqual(world.steps.includes('delete') ? lost : kept.lost, []);
  } catch (error) {
    throw new Error(`seed ${seed}: ${world.steps.join(', ')}`, { cause: error });
  } finally {
    rmSync(root, { recursive: true });
  }
  return world.reused;
}

/** Root reads what no one may read: as somebody else, an agent meets what it cannot read. */
const NOBODY = 65_534;

test('whatever happens to a log, each line is read once', async (t) => {
  const all = seeds();
  if (process.geteuid?.() === 0) {
    process.seteuid?.(NOBODY);
    t.after(() => process.seteuid?.(0));
  }
  t.diagnostic(`seeds ${all.join(' ')}`);
  const failed: unknown[] = [];
  let reused = 0;
  // Some at a time: most of a sequence is waiting.
  const next = all.values();
  const player = async () => {
    for (const seed of next) {
      await play(t, seed).then(
        (inodes) => (reused += inodes),
        (error: unknown) => failed.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: 8 }, player));
  t.diagnostic(`${reused} files got the inode of one that was gone`);
  for (const error of failed as Error[]) t.diagnostic(`${error.message}\n${String(error.cause)}`);
  assert.equal(failed.length, 0, `${failed.length} sequences failed`);
});
