/**
 * Follows one log file across rotations, truncations and restarts: tail-file, with everything that
 * touches the disk replaced (tail-file stats a path and opens it later, reads 4 KiB at a time, and
 * knows positions in characters). A tail is a list of segments, oldest first: files that were
 * rotated away and are still drained or waited on for late writers, and at the end the current one.
 *
 *   wake-up ─► look: has anything been renamed? ─► trace: find our files again, and those between
 *                      │                                   │
 *                      ▼                                   ▼
 *              drain each segment, oldest first: read, verify, cut, take, move on
 *                      │
 *                      └─ its content changed under us (truncated): trace again
 *
 * `segment-state.ts` describes the states of a segment.
 */
import { watch } from 'node:fs';
import TailFile from 'tail-file';
import { Chain } from './chain.ts';
import { Drain } from './drain.ts';
import { rotatedSince } from './lingering.ts';
import { listFiles, MovedError, NO_FILE, problemOf, type Listing } from './found.ts';
import { sameFile, type Identity, type Mark, type Stamp } from './position.ts';
import { restore } from './restore.ts';
import { Sight } from './sight.ts';
import type { RotatedSince, TailOptions } from './tail-options.ts';

/**
 * Wake-ups less than this apart, ms, count as one: a busy log is read in blocks, not line by line.
 */
const GAP = 4;
/** How often a listing is tried again when files are renamed while it is made. */
const TRIES = 8;
/** How long a file may be missing during a rotation before it is reported, ms. */
const MISSING = 1_000;
/** A key that no look can produce. */
const FAILED = 'failed';

export class Tail extends TailFile {
  /** When it was made or last resumed, ms of performance.now. */
  since = performance.now();
  readonly #options: TailOptions;
  readonly #drain: Drain;
  readonly #stopping = new AbortController();
  readonly #chain = new Chain();
  #begun = false;
  #watched: Identity | null = null;
  readonly #sight: Sight;
  /** Whether to look at the directories: nothing else reports changes in them. */
  #isNudged = false;
  #problem: string | null;
  #missingSince: number | null = null;
  #pass: Promise<void> = Promise.resolve();
  #passEnd = -Infinity;
  #gap: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(filename: string, options: TailOptions) {
    super(filename);
    this.#options = options;
    this.#drain = new Drain(filename, this.#chain, options, this.#stopping.signal);
    this.#sight = new Sight(filename);
    this.#problem = options.problem;
  }

  /** Why the file cannot be read now, in words for an administrator, or null. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Bytes that exist and were not handed over; null where that cannot be known. */
  behind(): number | null {
    return this.#problem === null ? this.#chain.behind() : null;
  }

  /** Begins in the next turn of the event loop. */
  override start(): void {
    this.#gap = setTimeout(() => this.readStuff(), 0);
  }

  /** Closes the file of an idle log until `resume`; false where another tail has to go on. */
  sleep(): boolean {
    if (this.watcher !== null) return false;
    this.#chain.last?.sleep();
    return true;
  }

  /** Goes on. It looks at the directories too: who slept was not nudged. */
  resume(): void {
    this.since = performance.now();
    this.#isNudged = true;
    this.readStuff();
  }

  /** Resolves when everything that is there now was read, or cannot be read. */
  async caughtUp(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#isNudged = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.readStuff();
    await promise;
  }

  override async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#gap);
    this.watcher?.close();
    await this.#pass;
    for (const segment of this.#chain.segments) await segment.close();
    for (const done of this.#waiting.splice(0)) done();
  }

  /** Whether anything happened since the last call, or is about to. */
  wasActive(): boolean {
    const was = this.#drain.isActive || this.#sight.key === '' || this.#chain.isUnsettled;
    this.#drain.isActive = false;
    return was;
  }

  /** Whether nothing is left of the file: neither its name nor its content. */
  get gone(): boolean {
    return this.#missingSince !== null && !this.#chain.segments.some((it) => it.isLive);
  }

  /**
   * Whether everything was read and saved, so that another tail could go on from the saved
   * position.
   */
  get isIdle(): boolean {
    return this.isRested && !this.#chain.isUnsettled;
  }

  /** The same, though its rotated files may still get more from late writers. */
  get isRested(): boolean {
    return (
      this.#isResting &&
      this.#problem === null &&
      this.#missingSince === null &&
      this.#sight.key !== '' &&
      this.#chain.last?.state === 'following' &&
      this.isResumable
    );
  }

  /** Since when its rotated files got nothing more. */
  rotatedSince(): RotatedSince {
    return rotatedSince(this.#chain.segments);
  }

  /** Whether it cannot be read for now, and nothing is lost if another tail tries again later. */
  get isBroken(): boolean {
    return this.#isResting && this.#problem !== null && this.isResumable;
  }

  get #isResting(): boolean {
    return !this.reading && !this.readable && this.#gap === undefined;
  }

  /** Whether another tail could go on from the saved position, even in the middle of a file. */
  get isResumable(): boolean {
    return (
      !this.#stopping.signal.aborted &&
      !this.#drain.isUnsaved &&
      this.#waiting.length === 0 &&
      this.#chain.isResumable
    );
  }

  /** How its file was when its last look began. */
  get stamp(): Stamp | null {
    return this.#sight.stamp;
  }

  marks(): readonly Mark[] {
    return this.#chain.position().files;
  }

  /** A wake-up that also concerns the files around. */
  nudge(): void {
    this.#isNudged = true;
    this.wake();
  }

  /** A rotated file of this log has appeared. */
  retrace(): void {
    this.#sight.key = '';
    this.wake();
  }

  /** A wake-up from the kernel. */
  wake(): void {
    const wait = this.#passEnd + GAP - performance.now();
    if (this.reading || wait <= 0) return this.readStuff();
    this.#gap ??= setTimeout(() => this.readStuff(), wait);
  }

  override readStuff(): void {
    clearTimeout(this.#gap);
    this.#gap = undefined;
    if (this.#stopping.signal.aborted) return;
    this.readable = true;
    if (!this.reading) this.#pass = this.#run();
  }

  async #run(): Promise<void> {
    this.reading = true;
    while (this.readable && !this.#stopping.signal.aborted) {
      this.readable = false;
      const waiting = this.#waiting.splice(0);
      try {
        await this.#look();
      } catch (error) {
        this.#sight.key = FAILED;
        this.onError(error);
      }
      for (const done of waiting) done();
    }
    this.reading = false;
    this.#passEnd = performance.now();
    if (!this.#stopping.signal.aborted) this.#options.looked();
  }

  async #look(): Promise<void> {
    if (this.#hasMoved()) {
      try {
        await this.#trace();
      } catch (error) {
        this.#sight.key = FAILED; // What is open can still be read.
        this.onError(error);
      }
    }
    if (this.#missingSince !== null && performance.now() - this.#missingSince > MISSING) {
      this.onError(new Error(NO_FILE));
    }
    for (let tries = 0; !(await this.#drain.all()); tries++) {
      if (tries === TRIES) return void (this.#sight.key = ''); // Files change as fast as we look.
      await this.#trace();
    }
    if (this.#stopping.signal.aborted) return; // It may have more to read.
    await this.#drain.retire(this.#missingSince !== null);
    if (this.#missingSince === null && this.#sight.key !== FAILED) this.#working();
    if (this.#problem !== null) this.#options.taker.unreadable(this.filename);
    if (!this.#drain.isEndDue || this.#problem !== null) return;
    this.#drain.isEndDue = false;
    this.pos = this.#chain.last?.offset ?? 0;
    this.emit('eof', this.pos);
    this.#options.taker.caughtUp(this.filename);
  }

  /** Whether files may have been renamed since they were traced. */
  #hasMoved(): boolean {
    const areOpen = this.#chain.reopen();
    const isNudged = this.#isNudged || !this.#options.isWatched();
    this.#isNudged = false;
    return this.#sight.hasMoved(isNudged) || !areOpen;
  }

  /** Finds our files again on disk, and those that came between. */
  async #trace(): Promise<void> {
    const chain = this.#chain;
    const isOther = (path: string, id: Identity) =>
      path !== this.filename && this.#options.isOther(path, chain.has(id));
    const list = () => listFiles({ path: this.filename, known: chain.names(), isOther });
    this.#begun ||= restore(chain, this.filename, this.#options);
    for (let tries = 0; tries < TRIES; tries++) {
      this.#sight.take();
      chain.refresh(); // Before the listing: then it has the complete copy of a truncated file.
      const listing = chain.own(list(), this.#options.isTaken);
      this.#sight.target = listing.target;
      try {
        if (!this.#begun) this.#begin(listing);
        const found = await chain.follow(this.filename, listing, list);
        if (found === null) continue;
        if (!found.settled) this.#sight.key = '';
        this.#drain.isUnsaved ||= found.begun;
        for (const { name } of found.fresh) this.emit('secondary', name);
        for (const what of found.lost) this.#options.taker.lost(this.filename, what);
        chain.rotate(this.#options.rotatedSince);
        this.#follow(listing);
        return;
      } catch (error) {
        if (!(error instanceof MovedError)) throw error;
      } finally {
        for (const file of listing.files) file.close();
      }
    }
    this.#sight.key = ''; // Everything is being renamed: the next look tries again.
  }

  /** A first start. */
  #begin({ files }: Listing): void {
    const { from, maxLine } = this.#options;
    this.#chain.begin(files, typeof from === 'object' ? 'start' : from, maxLine);
    this.#begun = this.#drain.isUnsaved = true;
  }

  /** Watches the file that is current now, and reports when it is missing or cannot be read. */
  #follow({ files }: Listing): void {
    const current = files.find(({ role }) => role === 'current');
    this.#missingSince = current ? null : (this.#missingSince ?? performance.now());
    if (current?.problem) {
      this.#sight.key = FAILED; // A change of its mode would not show in the key.
      return this.onError(current.problem);
    }
    if (current === undefined) {
      if (this.#chain.segments.length === 0) this.onError(new Error(NO_FILE));
      return;
    }
    const { id } = current;
    if (this.#options.once || (this.#watched && sameFile(this.#watched, id))) return;
    const isWatched = this.#options.isWatched() && this.#sight.target === this.filename;
    this.emit('restart', this.#watched ? 'NEWPRIME' : 'PRIMEFOUND');
    this.#watched = id;
    this.watcher?.close();
    this.watcher = null;
    try {
      if (isWatched) return;
      this.watcher = watch(this.filename, () => this.wake());
      this.watcher.on('error', (error) => this.emit('error', error));
      this.readable = true; // What was written before the watch caused no event.
    } catch (error) {
      this.emit('error', error); // The poll works without it.
    }
  }

  /** Reports once what is wrong; the next look tries again. */
  override onError(error: unknown): void {
    if (!this.#stopping.signal.aborted) this.#options.taker.unreadable(this.filename);
    const problem = problemOf(error as Error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.taker.log.warn({ file: this.filename }, `cannot read: ${problem}`);
  }

  #working(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    this.#drain.isEndDue = true;
    this.#options.taker.log.info({ file: this.filename }, 'can be read again');
  }
}
