/**
 * The source for log files: one configured path, or all that a glob leads to. It finds the logs,
 * and learns from the kernel or by a poll when they change; `logs.ts` reads them.
 */
import type { FileSettings } from './config.ts';
import { basename, dirname, join } from 'node:path';
import { lookAtDirectory } from './around.ts';
import { Directories, WATCHLESS } from './directory.ts';
import { LeftOutFiles } from './left-out.ts';
import { Logs } from './logs.ts';
import { Glob, isGlob, type Below } from './glob.ts';
import { membersOf, statOf, whyLeftOut } from './members.ts';
import { stampAt } from './position.ts';
import { basesOf } from './rotated.ts';
import { Seldom } from './seldom.ts';
import type { Position, Source, StreamState, Taker } from '../source.ts';
import type { Begin } from './tail-options.ts';
import { reasonOf } from '../../text/reason.ts';

/**
 * The kernel wakes us; a poll covers what it does not report (network file systems, dropped
 * events). It slows down while nothing happens, from `first` to `most` ms between looks, or
 * `broken` while there is something that cannot be read.
 */
const POLL = { first: 200, broken: 2_000, most: 10_000 };
/**
 * Looking at all directories may take at most one part in this many of the time, and so may looking
 * at all quiet logs.
 */
const SHARE = 2_000;

const NO_LINES = Buffer.alloc(0);

export interface FileSourceOptions {
  /** Read what is there now, by default from the start, and follow nothing. */
  readonly once?: boolean;
  /** Where a log without a position begins, ms since 1970: with what was rotated since then. */
  readonly since?: number;
}

/** Opens the source: reading begins at once, in the next turn of the event loop. */
export function openFileSource(
  config: FileSettings,
  taker: Taker,
  options: FileSourceOptions = {},
): Source {
  return new FileSource(config, taker, options);
}

class FileSource implements Source {
  readonly #config: FileSettings;
  readonly #taker: Taker;
  readonly #once: boolean;
  readonly #glob: Glob | null;
  readonly #directories: Directories;
  readonly #logs: Logs;
  readonly #leftOut = new LeftOutFiles();
  /** What the glob expects in each directory that it leads to. */
  readonly #belows = new Map<string, Below>();
  /** The state of each of them when it was listed. */
  readonly #listed = new Map<string, string>();
  /** Why directories cannot be listed. */
  readonly #problems = new Map<string, string>();
  /** Where a log begins that has no saved position. */
  #begin: Begin;
  /** When the source was started for the first time, ms since 1970. */
  #since = 0;
  #stopped = false;
  #interval = POLL.first;
  #timer: NodeJS.Timeout | undefined;
  #nextLook = 0;
  readonly #directoryLooks = new Seldom(SHARE);
  readonly #sweeps = new Seldom(SHARE);

  constructor(config: FileSettings, taker: Taker, { once = false, since }: FileSourceOptions) {
    this.#config = config;
    this.#taker = taker;
    this.#once = once;
    const from = config.from ?? (once ? 'start' : 'end');
    this.#begin = since === undefined ? from : { since };
    this.#glob = isGlob(config.path) ? new Glob(config.path) : null;
    this.#directories = new Directories({
      changed: (directory, name) => this.#changed(directory, name),
      failed: (directory, err) => taker.log.warn({ err, directory }, WATCHLESS),
    });
    const forgets = this.#glob !== null;
    const isWatched = (directory: string) => this.#directories.isWatched(directory);
    this.#logs = new Logs({ config, taker, once, forgets, isWatched });
    if (this.#glob === null) this.#openPath();
    else this.#openGlob(this.#glob, since ?? Date.now());
    if (!once) this.#timer = setTimeout(() => this.#poll(), this.#interval);
  }

  streams(): StreamState[] {
    const problems = [...this.#problems.values()].slice(0, 1);
    const own = problems.map((problem) => ({
      stream: this.#config.path,
      behind: null,
      problem,
    }));
    return [...own, ...this.#logs.states()];
  }

  drained(): Promise<void> {
    this.#lookAtDirectories();
    return this.#logs.drained();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#directories.close();
    return this.#logs.stop();
  }

  #openPath(): void {
    const { path } = this.#config;
    if (!this.#once) this.#directories.watch(dirname(path));
    this.#logs.start(path, { begin: this.#begin });
  }

  /**
   * What appears under a glob while the agent is down is new, too: the time of the first start is
   * kept. It is stored after the positions of the logs that are there then: these would be new as
   * well if the agent were killed between the two.
   * @param begin what counts as that time if none is kept
   */
  #openGlob(glob: Glob, begin: number): void {
    const { path } = this.#config;
    const saved = this.#taker.positionOf(path)?.['since'];
    const since = typeof saved === 'number' ? saved : begin;
    if (typeof saved === 'number') this.#begin = { since };
    const below = glob.below();
    this.#belows.set(below.directory, below);
    this.#since = since;
    this.#discover(below);
    if (typeof saved !== 'number') this.#keepSince();
    if (!this.#problems.has(below.directory)) this.#begin = { since };
    this.#taker.caughtUp(path);
  }

  /** @throws where it cannot be stored: then nothing of the source is left */
  #keepSince(): void {
    const position = sincePosition(this.#since);
    try {
      this.#taker.take({ stream: this.#config.path, bytes: NO_LINES, position });
    } catch (error) {
      void this.stop();
      throw error;
    }
  }

  /** Watches the directories again that were replaced, and lists those that have changed. */
  #lookAtDirectories(): void {
    const directories = this.#glob === null ? [dirname(this.#config.path)] : this.#belows.keys();
    for (const directory of directories) {
      const look = lookAtDirectory(directory);
      if (!this.#once) this.#directories.watch(directory, look);
      const below = this.#belows.get(directory);
      if (below !== undefined && this.#listed.get(directory) !== look.state) this.#discover(below);
    }
  }

  /** Finds what is new in a directory, and in those below. */
  #discover(first: Below): void {
    const left = [first];
    for (let below = left.pop(); below !== undefined; below = left.pop()) {
      const { directory } = below;
      try {
        const look = lookAtDirectory(directory);
        if (!this.#once) this.#directories.watch(directory, look);
        this.#listed.set(directory, look.state);
        const members = membersOf(below, this.#logs.ownership);
        this.#works(directory);
        for (const path of members.logs) this.#add(path);
        for (const { path } of members.leftOut) this.#leaveOut(path);
        this.#leftOut.keep(directory, members.leftOut);
        for (const next of members.into) {
          if (this.#belows.has(next.directory)) continue;
          this.#belows.set(next.directory, next);
          left.push(next);
        }
      } catch (error) {
        this.#fails(directory, error as NodeJS.ErrnoException);
      }
    }
    this.#logs.save();
  }

  #works(directory: string): void {
    if (this.#problems.delete(directory)) this.#taker.log.info({ directory }, 'can be read again');
  }

  #fails(directory: string, error: NodeJS.ErrnoException): void {
    const { code } = error;
    const isRoot = directory === this.#glob?.root;
    if (!isRoot && (code === 'ENOENT' || code === 'ENOTDIR')) {
      this.#belows.delete(directory);
      this.#listed.delete(directory);
      this.#directories.unwatch(directory);
      this.#leftOut.keep(directory, []);
      return;
    }
    const message = reasonOf(error);
    if (message !== this.#problems.get(directory))
      this.#taker.log.warn({ directory }, `cannot list: ${message}; let the agent's user read it`);
    this.#problems.set(directory, message);
    this.#listed.delete(directory);
    // What appears where there was nothing is new.
    if (code === 'ENOENT') this.#begin = { since: this.#since };
  }

  #add(path: string): void {
    this.#leftOut.delete(path);
    this.#logs.add(path, this.#begin);
  }

  /** Notes a file that is not a log of its own. One that grows by itself turns out to be one. */
  #leaveOut(path: string): void {
    const before = this.#leftOut.get(path);
    const now = stampAt(path);
    const grows = before && now && before.ino === now.ino && now.size > before.size;
    const { ownership } = this.#logs;
    const other = ownership.readBy(path);
    if (grows && (other === undefined || other.done)) {
      this.#leftOut.delete(path);
      ownership.adopt(path);
      const begin = Math.max(before.size, other?.offset ?? 0);
      return this.#logs.start(path, { begin });
    }
    this.#leftOut.set(path, now);
  }

  /** The kernel reported a change of a name in a directory. */
  #changed(directory: string, name: string | null): void {
    if (this.#stopped) return;
    if (name === null || name === basename(directory)) this.#directories.watch(directory);
    if (name === null) return this.#lookAll();
    const path = join(directory, name);
    if (this.#logs.isKnown(path)) return this.#logs.wake(path);
    try {
      this.#appeared(directory, name);
    } catch {
      this.#listed.delete(directory); // It is listed again, and that reports what fails.
    }
    for (const { base } of basesOf(name)) this.#logs.retrace(join(directory, base));
  }

  /** A name changed that has not been a log so far. */
  #appeared(directory: string, name: string): void {
    const below = this.#belows.get(directory);
    if (below === undefined) return;
    const path = join(directory, name);
    const stat = statOf(path);
    if (stat === undefined) return this.#leftOut.delete(path);
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
    if (whyLeftOut(path, isThere, this.#logs.ownership) === null) this.#add(path);
    else this.#leaveOut(path);
    this.#logs.save();
  }

  #lookAll(): void {
    this.#lookAtDirectories();
    this.#logs.wakeAll(true);
  }

  #poll(): void {
    const now = performance.now();
    const isTurn = now >= this.#nextLook;
    const { isActive, isBroken: areBroken } = this.#logs.wakeAll(isTurn);
    const isBroken = areBroken || this.#problems.size > 0;
    const most = isBroken ? POLL.broken : POLL.most;
    if (isTurn) this.#nextLook = now + most;
    this.#directoryLooks.do(most, () => this.#lookAtDirectories());
    this.#sweeps.do(POLL.most, () => this.#logs.lookAll());
    this.#logs.save();
    this.#interval = isActive ? POLL.first : Math.min(most, this.#interval * 2);
    this.#timer = setTimeout(() => this.#poll(), this.#interval);
  }
}

function sincePosition(since: number): Position {
  return { version: 1, since };
}
