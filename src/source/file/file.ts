/**
 * The source for log files: one configured path, or all that a glob leads to. Each log is a stream.
 * Few of them are live at a time, followed by a Tail that keeps its file open. The others are quiet:
 * their positions are saved, nothing of them is open, and the watch of their directory says when
 * something happens to them. So thousands of logs cost no more than those that are written to.
 *
 *   new ──► pending ──► live (a Tail) ──► quiet ──┐
 *                         ▲    read to its end    │
 *                         └───────────────────────┘ its directory's watch, or a poll
 */
import type { FileSettings } from './config.ts';
import { basename, dirname, join } from 'node:path';
import { Directories } from './directory.ts';
import { beginAtEnd, isAtEnd, stampOf, sameStamp, type Stamp } from './quiet.ts';
import { Glob, isGlob, type Below } from './glob.ts';
import { membersOf, statOf, whyLeftOut } from './members.ts';
import { Ownership } from './ownership.ts';
import { asFilePosition, type FilePosition } from './position.ts';
import { basesOf } from './rotated.ts';
import type { Position, Source, StreamState, Taker } from '../source.ts';
import { Tail, type Begin } from './tail.ts';

/**
 * The kernel wakes us; a poll covers what it does not say (network file systems, dropped events).
 * It slows down while nothing happens, from `first` to `most` ms between looks, or `broken` while
 * there is something that cannot be read.
 */
const POLL = { first: 200, broken: 2_000, most: 10_000 };
/** Logs that are live at a time. */
const LIVE = 250;
/** A sweep over the quiet logs may take one part in so many of the time. */
const SWEEP = 2_000;

const WATCHLESS =
  'cannot watch, looking now and then; where it is for want of watches, raise fs.inotify.max_user_watches';

const NO_LINES = Buffer.alloc(0);

export interface FileSourceOptions {
  /** Read what is there now, by default from the start, and follow nothing. */
  readonly once?: boolean;
}

/** Opens the source: reading begins at once, in the next turn of the event loop. */
export function openFileSource(
  config: FileSettings,
  taker: Taker,
  options: FileSourceOptions = {},
): Source {
  return new FileSource(config, taker, options.once === true);
}

class FileSource implements Source {
  readonly #config: FileSettings;
  readonly #taker: Taker;
  readonly #once: boolean;
  readonly #glob: Glob | null;
  readonly #directories: Directories;
  readonly #ownership: Ownership;
  readonly #tails = new Map<string, Tail>();
  readonly #quiet = new Map<string, Stamp>();
  /** Logs that wait for one of the live ones to become quiet, and where each begins. */
  readonly #pending = new Map<string, Begin>();
  /** Files that are not logs of their own, as they were when that was found. */
  readonly #leftOut = new Map<string, Stamp | null>();
  /** What the glob expects in each directory that it leads to. */
  readonly #belows = new Map<string, Below>();
  /** Why directories cannot be listed. */
  readonly #problems = new Map<string, string>();
  /** First positions of quiet logs that are not saved yet. */
  readonly #unsaved = new Map<string, FilePosition>();
  /** Where a log begins that has no saved position. */
  #begin: Begin;
  /** When the source was started for the first time, ms since 1970. */
  #since = 0;
  #stopped = false;
  #interval = POLL.first;
  #timer: NodeJS.Timeout | undefined;
  #nextLook = 0;
  #nextSweep = 0;

  constructor(config: FileSettings, taker: Taker, once: boolean) {
    this.#config = config;
    this.#taker = taker;
    this.#once = once;
    this.#begin = config.from ?? (once ? 'start' : 'end');
    this.#glob = isGlob(config.path) ? new Glob(config.path) : null;
    this.#directories = new Directories({
      changed: (directory, name) => this.#changed(directory, name),
      failed: (directory, err) => taker.log.warn({ err, directory }, WATCHLESS),
    });
    this.#ownership = new Ownership(this.#tails, this.#quiet, taker);
    if (this.#glob === null) this.#openPath();
    else this.#openGlob(this.#glob);
    if (!once) this.#timer = setTimeout(() => this.#poll(), this.#interval);
  }

  streams(): StreamState[] {
    const problems = [...this.#problems.values()].slice(0, 1);
    return [
      ...problems.map((problem) => ({ stream: this.#config.path, behind: null, problem })),
      ...[...this.#tails].map(([stream, tail]) => ({
        stream,
        behind: tail.behind(),
        problem: tail.problem,
      })),
      ...[...this.#quiet.keys()].map((stream) => ({ stream, behind: 0, problem: null })),
      ...[...this.#pending.keys()].map((stream) => ({ stream, behind: null, problem: null })),
    ];
  }

  async drained(): Promise<void> {
    this.#discoverAll();
    for (const path of this.#quiet.keys()) this.#look(path);
    do {
      await Promise.all([...this.#tails.values()].map((tail) => tail.caughtUp()));
    } while (this.#pending.size > 0 && !this.#stopped);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#directories.close();
    await Promise.all([...this.#tails.values()].map((tail) => tail.stop()));
  }

  #openPath(): void {
    const { path } = this.#config;
    if (!this.#once) this.#directories.watch(dirname(path));
    this.#start(path, this.#begin);
  }

  /** What comes under a glob while the agent is away is new, too: the first start's time is kept. */
  #openGlob(glob: Glob): void {
    const { path } = this.#config;
    const saved = this.#taker.positionOf(path)?.['since'];
    const since = typeof saved === 'number' ? saved : Date.now();
    if (typeof saved === 'number') this.#begin = { since };
    else this.#taker.take({ stream: path, bytes: NO_LINES, position: sincePosition(since) });
    const below = glob.below();
    this.#belows.set(below.directory, below);
    this.#since = since;
    this.#discover(below);
    if (!this.#problems.has(below.directory)) this.#begin = { since };
    this.#taker.caughtUp(path);
  }

  #discoverAll(): void {
    for (const below of this.#belows.values()) this.#discover(below);
  }

  /** Finds what is new in a directory, and in those below. */
  #discover(first: Below): void {
    const left = [first];
    for (let below = left.pop(); below !== undefined; below = left.pop()) {
      const { directory } = below;
      try {
        if (!this.#once) this.#directories.watch(directory);
        const members = membersOf(below, this.#ownership);
        this.#works(directory);
        for (const path of members.logs) this.#add(path);
        for (const { path } of members.leftOut) this.#leaveOut(path);
        for (const next of members.into) {
          if (this.#belows.has(next.directory)) continue;
          this.#belows.set(next.directory, next);
          left.push(next);
        }
      } catch (error) {
        this.#fails(directory, error as NodeJS.ErrnoException);
      }
    }
    this.#save();
  }

  #works(directory: string): void {
    if (this.#problems.delete(directory)) this.#taker.log.info({ directory }, 'can be read again');
  }

  #fails(directory: string, { code, message }: NodeJS.ErrnoException): void {
    const isRoot = directory === this.#glob?.root;
    if (!isRoot && (code === 'ENOENT' || code === 'ENOTDIR')) {
      this.#belows.delete(directory);
      this.#directories.unwatch(directory);
      return;
    }
    if (message !== this.#problems.get(directory))
      this.#taker.log.warn(
        { directory },
        `cannot list: ${message}; the agent's user must be able to`,
      );
    this.#problems.set(directory, message);
    // What appears where nothing was is new.
    if (code === 'ENOENT') this.#begin = { since: this.#since };
  }

  #isKnown(path: string): boolean {
    return this.#tails.has(path) || this.#quiet.has(path) || this.#pending.has(path);
  }

  /** Takes in a log that was not known. */
  #add(path: string): void {
    if (this.#isKnown(path)) return;
    this.#leftOut.delete(path);
    const saved = this.#taker.peek(path);
    const position = saved && asFilePosition(saved);
    this.#ownership.note(path, position?.files ?? []);
    if (this.#once || this.#tails.size < LIVE) return this.#start(path, this.#begin);
    if (position) {
      const stamp = isAtEnd(path, position);
      if (stamp !== null) return void this.#quiet.set(path, stamp);
    } else if (saved === undefined && this.#begin === 'end') {
      const begun = beginAtEnd(path, this.#config.maxLine, (other) =>
        this.#ownership.isOther(other, false),
      );
      if (begun !== null) {
        this.#unsaved.set(path, begun.position);
        this.#ownership.note(path, begun.position.files);
        return void this.#quiet.set(path, begun.stamp);
      }
    }
    this.#start(path, this.#begin);
  }

  /** Notes a file that is not a log of its own. One that grows by itself turns out to be one. */
  #leaveOut(path: string): void {
    const before = this.#leftOut.get(path);
    const now = stampOf(path);
    const grows = before && now && before.ino === now.ino && now.size > before.size;
    const other = this.#ownership.readBy(path);
    if (grows && (other === undefined || other.done)) {
      this.#leftOut.delete(path);
      this.#ownership.adopt(path);
      return this.#start(path, Math.max(before.size, other?.offset ?? 0));
    }
    this.#leftOut.set(path, now);
  }

  /** Saves where quiet logs begin, all of them at once. */
  #save(): void {
    if (this.#unsaved.size === 0) return;
    try {
      this.#taker.begin(this.#unsaved);
      this.#unsaved.clear();
    } catch (err) {
      this.#taker.log.error(
        { err },
        'what was read cannot be stored, trying on; is the disk full?',
      );
    }
  }

  /** Follows a log, as soon as there is room for it. */
  #start(path: string, begin: Begin): void {
    if (this.#tails.size >= LIVE && !this.#makeRoom()) return void this.#pending.set(path, begin);
    const { maxLine, keepRotated } = this.#config;
    const tail = new Tail(path, {
      taker: this.#taker,
      from: begin,
      maxLine,
      keepRotated,
      once: this.#once,
      isOther: (other, isMine) => this.#ownership.isOther(other, isMine),
      isTaken: () => this.#ownership.isTaken(path),
      isWatched: () => this.#directories.isWatched(dirname(path)),
      looked: () => this.#looked(path, tail),
    });
    const { log } = this.#taker;
    tail.on('secondary', (name) => log.info({ file: path, name }, 'reading a rotated file'));
    tail.on('error', (err) => log.warn({ err, file: path }, WATCHLESS));
    this.#tails.set(path, tail);
    tail.start();
  }

  /** Makes one of the live logs quiet; false where all of them have something to do. */
  #makeRoom(): boolean {
    for (const [path, tail] of this.#tails) {
      if (!tail.isIdle) continue;
      this.#park(path, tail);
      return true;
    }
    return false;
  }

  #park(path: string, tail: Tail): void {
    const stamp = stampOf(path);
    this.#tails.delete(path);
    void tail.stop();
    // What came since its last look has changed its size: it is looked at again.
    this.#quiet.set(path, { ino: stamp?.ino ?? 0, mtime: stamp?.mtime ?? 0, size: tail.seen });
    if (stamp?.size !== tail.seen) queueMicrotask(() => this.#look(path));
  }

  #looked(path: string, tail: Tail): void {
    if (this.#stopped) return;
    this.#ownership.note(path, tail.marks());
    if (this.#glob !== null && tail.gone) {
      this.#tails.delete(path);
      void tail.stop();
    } else if (this.#pending.size > 0 && tail.isIdle) this.#park(path, tail);
    if (this.#tails.size >= LIVE) return;
    for (const [next, begin] of this.#pending.entries().take(1)) {
      this.#pending.delete(next);
      this.#start(next, begin);
    }
  }

  /** Looks at a quiet log, and follows it again where something happened to it. */
  #look(path: string): void {
    const before = this.#quiet.get(path);
    if (before === undefined || this.#stopped) return;
    const now = stampOf(path);
    if (now !== null && sameStamp(before, now)) return;
    this.#quiet.delete(path);
    if (now === null && this.#glob !== null) return; // Gone, with all of it read.
    const begun = this.#unsaved.get(path)?.files.at(-1)?.offset;
    this.#start(path, begun ?? this.#begin);
  }

  /** The kernel says that something happened to a name in a directory. */
  #changed(directory: string, name: string | null): void {
    if (this.#stopped) return;
    if (name === null || name === basename(directory)) this.#directories.watch(directory);
    if (name === null) return this.#lookAll();
    const path = join(directory, name);
    const tail = this.#tails.get(path);
    if (tail !== undefined) tail.wake();
    else if (this.#quiet.has(path)) this.#look(path);
    else if (!this.#pending.has(path)) {
      this.#appeared(directory, name);
      for (const { base } of basesOf(name)) this.#tails.get(join(directory, base))?.retrace();
    }
  }

  /** Something has happened to a name that is no log until now. */
  #appeared(directory: string, name: string): void {
    const below = this.#belows.get(directory);
    if (below === undefined) return;
    const path = join(directory, name);
    const stat = statOf(path);
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      const next = below.into(name, false);
      if (next === null) return;
      this.#belows.set(next.directory, next);
      return this.#discover(next);
    }
    if (!stat.isFile() || !below.isFile(name)) return;
    const isThere = {
      has: (base: string) => below.isFile(base) && statOf(join(directory, base)) !== undefined,
    };
    if (whyLeftOut(path, isThere, this.#ownership) === null) this.#add(path);
    else this.#leaveOut(path);
    this.#save();
  }

  #lookAll(): void {
    this.#discoverAll();
    for (const tail of this.#tails.values()) tail.nudge();
  }

  #poll(): void {
    const now = performance.now();
    const isTurn = now >= this.#nextLook;
    let isActive = false;
    let isBroken = this.#problems.size > 0;
    for (const [path, tail] of this.#tails) {
      const wasActive = tail.wasActive();
      isActive ||= wasActive;
      isBroken ||= tail.problem !== null;
      if (isTurn) tail.nudge();
      else if (wasActive || !this.#directories.isWatched(dirname(path))) tail.wake();
    }
    if (isTurn) {
      this.#nextLook = now + (isBroken ? POLL.broken : POLL.most);
      this.#directories.refresh();
      this.#discoverAll();
    }
    this.#sweep(now);
    this.#save();
    const most = isBroken ? POLL.broken : POLL.most;
    this.#interval = isActive ? POLL.first : Math.min(most, this.#interval * 2);
    this.#timer = setTimeout(() => this.#poll(), this.#interval);
  }

  /** Looks at all quiet logs, as seldom as makes that cost nothing. */
  #sweep(now: number): void {
    if (now < this.#nextSweep) return;
    for (const path of this.#quiet.keys()) this.#look(path);
    const took = performance.now() - now;
    this.#nextSweep = now + Math.max(POLL.most, took * SWEEP);
  }
}

function sincePosition(since: number): Position {
  return { version: 1, since };
}
