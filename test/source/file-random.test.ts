/**
 * Random sequences of what may happen to a log, against a model that only knows what was written.
 * `TAIL_SEEDS=from-to` or `TAIL_SEEDS=number` runs others; a failing seed belongs into KEPT.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
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
import { gzipSync } from 'node:zlib';
import { randomFrom } from '../support/random.ts';
import { nothingKept, recordFile, type Recorder } from './recorder.ts';

/** Seeds that once failed. */
const KEPT: readonly number[] = [257, 305, 344, 499, 803, 1029, 1292, 1408];
const SLICE = 150;

function seeds(): number[] {
  const [from, to] = (process.env['TAIL_SEEDS'] ?? `1-${SLICE}`).split('-').map(Number);
  const last = to ?? from!;
  return [...KEPT, ...Array.from({ length: last - from! + 1 }, (_, index) => from! + index)];
}

/** The log, the one who writes it, and logrotate. */
class World {
  readonly written: string[] = [];
  readonly steps: string[] = [];
  readonly #dir: string;
  readonly #path: string;
  readonly #pick: (below: number) => number;
  #links = 0;
  /** No one can know where a link led in between if it is switched twice at once. */
  #switched = false;
  #line = 0;
  /** Written without its newline yet. */
  #half = '';

  constructor(dir: string, path: string, pick: (below: number) => number) {
    this.#dir = dir;
    this.#path = path;
    this.#pick = pick;
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
    ];
    acts[this.#pick(acts.length)]!();
  }

  /** Everything was read. */
  settle(): void {
    this.#switched = false;
  }

  /** Ends the last line, so that all that was written can be expected. */
  end(): void {
    if (this.#half !== '') this.#append(this.#path, '\n');
  }

  #append(file: string, text: string): void {
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
      for (const end of ['', '.gz']) {
        const name = `${this.#path}.${n}${end}`;
        if (existsSync(name)) renameSync(name, `${this.#path}.${n + 1}${end}`);
      }
    }
  }

  #rename(): void {
    if (this.#links > 0) return;
    this.steps.push('rename');
    this.#shift();
    this.#cut();
    renameSync(this.#path, `${this.#path}.1`);
    writeFileSync(this.#path, '');
  }

  #lateWriter(): void {
    if (this.#links > 0) return;
    this.#rename();
    this.steps.push('late');
    const before = readFileSync(`${this.#path}.1`, 'latin1');
    const half = before === '' || before.endsWith('\n') ? '' : this.written.pop()!;
    const lines = this.#lines();
    appendFileSync(`${this.#path}.1`, lines);
    this.written.push(...(half + lines.slice(0, -1)).split('\n'));
  }

  #copyTruncate(): void {
    if (this.#links > 0) return;
    this.steps.push('copytruncate');
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
    const { atime, mtime } = statSync(name);
    writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
    utimesSync(`${name}.gz`, atime, mtime);
    rmSync(name);
  }

  /** Deletes the file when everything in it can be known to be read, and creates it anew. */
  #replaceDirectoryEntry(): void {
    if (this.#links > 0 || statSync(this.#path).size > 0) return;
    this.steps.push('recreate');
    rmSync(this.#path);
    writeFileSync(this.#path, '');
  }

  #switchLink(): void {
    if (this.#links === 0 || this.#switched) return;
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

async function play(t: TestContext, seed: number): Promise<void> {
  const pick = randomFrom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'denywatch-random-'));
  const path = join(dir, 'log');
  const world = new World(dir, path, pick);
  mkdirSync(dir, { recursive: true });
  if (pick(6) === 0) world.useLinks();
  else writeFileSync(path, '');
  const kept = nothingKept();
  const config = { path, keepRotated: 60, maxLine: 8_192 };
  let log: Recorder = recordFile(t, config, {}, kept);
  await log.source.drained();
  for (let steps = 5 + pick(15); steps > 0; steps--) {
    const what = pick(8);
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
      if (pick(2) === 0) for (let more = pick(4); more > 0; more--) world.act();
      log = await log.restart();
    } else {
      world.act();
    }
  }
  world.end();
  const want = world.written.toSorted().join('\n');
  const read = () => log.read().toSorted().join('\n');
  for (let left = 100; left > 0 && read() !== want; left--) await pause(15);
  await log.source.stop();
  try {
    assert.equal(read(), want);
    assert.deepEqual(kept.lost, []);
  } catch (error) {
    throw new Error(`seed ${seed}: ${world.steps.join(', ')}`, { cause: error });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('whatever happens to a log, each line is read once', async (t) => {
  const all = seeds();
  t.diagnostic(`seeds ${all.join(' ')}`);
  const failed: unknown[] = [];
  // Some at a time: most of a sequence is waiting.
  const next = all.values();
  const player = async () => {
    for (const seed of next) await play(t, seed).catch((error: unknown) => failed.push(error));
  };
  await Promise.all(Array.from({ length: 8 }, player));
  for (const error of failed as Error[]) t.diagnostic(`${error.message}\n${String(error.cause)}`);
  assert.equal(failed.length, 0, `${failed.length} sequences failed`);
});
