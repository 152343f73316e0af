/**
 * The logs of a source. Few of them are live at a time, followed by a Tail that keeps its file
 * open. The others are quiet: their positions are saved, they have no open file, and the watch of
 * their directory reports when they change. So thousands of logs cost no more than those that are
 * written to. The tail of a log that was live is kept asleep: when a line comes, it only opens its
 * file again.
 *
 *   new ──► pending ──► live (a Tail) ──► quiet ──┐
 *             ▲   ▲       │  │  ▲   read to its end │
 *             │   └───────┘  │  └───────────────────┘ its directory's watch, or a poll
 *             │ its turn     ├──► lingering: read to its end, its rotated files later once more
 *             │              ▼
 *             └──────────── broken: it cannot be read
 *
 * Other streams wait for a log from the moment that it is pending. So a backlog in any number of
 * logs raises the alerts that it would have raised live.
 */
import { dirname } from 'node:path';
import type { StreamState, Taker } from '../source.ts';
import { Asleep } from './asleep.ts';
import type { FileSettings } from './config.ts';
import { WATCHLESS } from './directory.ts';
import { Ownership } from './ownership.ts';
import { asFilePosition, stampAt, sameStamp, type FilePosition, type Stamp } from './position.ts';
import { beginAtEnd, isAtEnd } from './quiet.ts';
import { Lingering } from './lingering.ts';
import type { Begin, RotatedSince } from './tail-options.ts';
import { Tail } from './tail.ts';
import { reasonWithPath } from '../../text/reason.ts';

/** Logs that are live at a time. */
const LIVE = 100;
/** How long a log is read that has more and more to read, while others are pending, ms. */
const TURN = 1_000;
/** How many of the logs that cannot be read are tried again at a time. */
const TRIED = 20;

/** How a log is followed. */
interface Beginning {
  /** Where it begins if no position is saved. */
  readonly begin: Begin;
  /** Why it could not be read the last time, or null. */
  readonly problem?: string | null;
  readonly rotatedSince?: RotatedSince;
}

export interface LogsOptions {
  readonly config: FileSettings;
  readonly taker: Taker;
  readonly once: boolean;
  /**
   * Whether a log that is gone is forgotten, as under a glob; otherwise it is reported as missing.
   */
  readonly forgets: boolean;
  /** Whether the kernel reports changes in a directory. */
  readonly isWatched: (directory: string) => boolean;
}

export class Logs {
  readonly ownership: Ownership;
  readonly tails = new Map<string, Tail>();
  readonly #options: LogsOptions;
  /** How their files looked at the last look; null if that is not known. */
  readonly #quiet = new Map<string, Stamp | null>();
  readonly #asleep = new Asleep();
  /** Logs that wait until a live one becomes quiet. */
  readonly #pending = new Map<string, Beginning>();
  readonly #lingering: Lingering;
  /** Logs that cannot be read and make room for others, and why. */
  readonly #broken = new Map<string, string>();
  /** First positions of quiet logs that are not saved yet. */
  readonly #unsaved = new Map<string, FilePosition>();
  /** Where a log without a saved position begins. */
  #begin: Begin = 'start';
  /** How many wait until everything was read. */
  #draining = 0;
  #stopped = false;

  constructor(options: LogsOptions) {
    this.#options = options;
    this.#lingering = new Lingering(options.config.keepRotated);
    this.ownership = new Ownership(this.tails, (path) => this.#isLeft(path), options.taker);
  }

  states(): StreamState[] {
    return [
      ...Array.from(this.tails, ([stream, tail]) => ({
        stream,
        behind: tail.behind(),
        problem: tail.problem,
      })),
      ...[...this.#quiet.keys(), ...this.#lingering.paths()].map((stream) => ({
        stream,
        behind: 0,
        problem: null,
      })),
      ...Array.from(this.#pending, ([stream, { problem = null }]) => ({
        stream,
        behind: null,
        problem,
      })),
      ...Array.from(this.#broken, ([stream, problem]) => ({ stream, behind: null, problem })),
    ];
  }

  /** Resolves when everything that is there now was read. */
  async drained(): Promise<void> {
    this.lookAll();
    let more: boolean;
    this.#draining++;
    do {
      more = this.#pending.size > 0; // They become live as others end.
      await Promise.all(Array.from(this.tails.values(), (tail) => tail.caughtUp()));
    } while (more && !this.#stopped);
    this.#draining--;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(Array.from(this.tails.values(), (tail) => tail.stop()));
  }

  /** A log changed. */
  wake(path: string): void {
    const tail = this.tails.get(path);
    if (tail === undefined) this.look(path);
    else tail.wake();
  }

  /** A rotated file of a log has appeared. */
  retrace(path: string): void {
    if (this.#lingering.has(path)) this.look(path);
    else this.tails.get(path)?.retrace();
  }

  /**
   * Wakes the live logs.
   * @param isTurn all of them; otherwise those that were active, or that nothing else wakes
   * @returns whether one was active or waits, and whether one cannot be read
   */
  wakeAll(isTurn: boolean): { readonly isActive: boolean; readonly isBroken: boolean } {
    if (isTurn) for (const path of Array.from(this.#broken.keys().take(TRIED))) this.look(path);
    for (const path of this.#lingering.due()) this.look(path);
    this.#endTurns();
    let isActive = this.#pending.size > 0 || this.#lingering.size > 0;
    let isBroken = this.#broken.size > 0;
    for (const [path, tail] of this.tails) {
      const wasActive = tail.wasActive();
      isActive ||= wasActive;
      isBroken ||= tail.problem !== null;
      if (isTurn) tail.nudge();
      else if (wasActive || !this.#options.isWatched(dirname(path))) tail.wake();
    }
    return { isActive, isBroken };
  }

  /** Looks at every log that is not followed. */
  lookAll(): void {
    for (const path of [...this.#quiet.keys(), ...this.#lingering.paths()]) this.look(path);
  }

  /** Whether a path is one of the logs. */
  isKnown(path: string): boolean {
    const isWaiting = this.#pending.has(path) || this.#broken.has(path);
    return isWaiting || this.tails.has(path) || this.#isLeft(path);
  }

  /** Whether a log was read to its end and is not live. */
  #isLeft(path: string): boolean {
    return this.#quiet.has(path) || this.#lingering.has(path);
  }

  /** Adds a log that was not known. */
  add(path: string, begin: Begin): void {
    this.#begin = begin;
    if (this.isKnown(path)) return;
    const saved = this.#options.taker.peek(path);
    const position = saved && asFilePosition(saved);
    this.ownership.note(path, position?.files ?? []);
    if (this.#options.once || this.tails.size < LIVE)
      return this.start(path, { begin: this.#begin });
    if (position) {
      const stamp = isAtEnd(path, position);
      if (stamp !== null) return void this.#quiet.set(path, stamp);
    } else if (saved === undefined && this.#begin === 'end') {
      const begun = beginAtEnd(path, this.#options.config.maxLine, (other) =>
        this.ownership.isOther(other, false),
      );
      if (begun !== null) {
        this.#unsaved.set(path, begun.position);
        this.ownership.note(path, begun.position.files);
        return void this.#quiet.set(path, begun.stamp);
      }
    }
    this.start(path, { begin: this.#begin });
  }

  /** Saves the first positions of quiet logs, all of them at once. */
  save(): void {
    if (this.#unsaved.size === 0) return;
    try {
      this.#options.taker.begin(this.#unsaved);
      this.#unsaved.clear();
    } catch (err) {
      this.#options.taker.log.error(
        { err },
        'cannot store what was read, trying again; is the disk full?',
      );
    }
  }

  /** Follows a log as soon as there is room for it. */
  start(path: string, beginning: Beginning): void {
    const { config, taker } = this.#options;
    try {
      taker.positionOf(path); // Others wait for it from now on.
    } catch (error) {
      return this.#fails(path, beginning.problem ?? null, error as Error);
    }
    if (!this.#hasRoom()) return void this.#pending.set(path, beginning);
    const { maxLine, keepRotated } = config;
    const tail = new Tail(path, {
      taker,
      from: beginning.begin,
      problem: beginning.problem ?? null,
      rotatedSince: beginning.rotatedSince ?? new Map(),
      maxLine,
      keepRotated,
      once: this.#options.once,
      isOther: (other, isMine) => this.ownership.isOther(other, isMine),
      isTaken: () => this.ownership.isTaken(path),
      isWatched: () => this.#options.isWatched(dirname(path)),
      looked: () => this.#looked(path, tail),
    });
    const { log } = taker;
    tail.on('secondary', (name) => log.info({ file: path, name }, 'reading a rotated file'));
    tail.on('error', (err) => log.warn({ err, file: path }, WATCHLESS));
    this.tails.set(path, tail);
    tail.start();
  }

  /** The queue cannot be read now: the log is tried again like one that cannot be read itself. */
  #fails(path: string, before: string | null, error: Error): void {
    const message = reasonWithPath(error, path);
    if (message !== before) this.#options.taker.log.warn({ file: path }, `cannot read: ${message}`);
    this.#broken.set(path, message);
  }

  /** Takes one of the live logs away if need be; false where all of them have something to do. */
  #hasRoom(): boolean {
    if (this.tails.size < LIVE) return true;
    return this.tails.entries().some(([path, tail]) => this.#leave(path, tail));
  }

  /** Leaves a live log that is quiet, lingering or broken. */
  #leave(path: string, tail: Tail): boolean {
    // As it was at the tail's last look: what was done since then shows.
    if (tail.isIdle) this.#quiet.set(path, tail.stamp);
    else if (tail.isRested) this.#lingering.add(path, tail.rotatedSince());
    else if (tail.isBroken) this.#broken.set(path, tail.problem!);
    else return false;
    if (this.#quiet.has(path) && this.#asleep.add(path, tail)) this.tails.delete(path);
    else this.#end(path, tail);
    // What was done since then, where the kernel does not report it.
    const isWatched = this.#options.isWatched(dirname(path));
    const hasChanged = !isWatched && !sameStamp(tail.stamp, stampAt(path));
    if (hasChanged && tail.problem === null) queueMicrotask(() => this.look(path));
    return true;
  }

  #end(path: string, tail: Tail): void {
    this.tails.delete(path);
    void tail.stop();
  }

  /** Interrupts logs that are still being read, so that pending ones come in turn. */
  #endTurns(): void {
    const due = performance.now() - TURN;
    let wanted = this.#draining > 0 ? 0 : this.#pending.size;
    for (const [path, tail] of this.tails) {
      if (wanted === 0) return;
      if (tail.since > due || !tail.isResumable) continue;
      wanted--;
      void this.#interrupt(path, tail);
    }
  }

  async #interrupt(path: string, tail: Tail): Promise<void> {
    const rotatedSince = tail.rotatedSince();
    await tail.stop();
    if (this.#stopped) return;
    this.tails.delete(path);
    this.#pending.set(path, { begin: this.#begin, problem: tail.problem, rotatedSince });
    this.#startPending();
  }

  #gone(path: string): void {
    this.ownership.gone(path);
    this.#options.taker.gone(path);
  }

  #looked(path: string, tail: Tail): void {
    if (this.#stopped) return;
    this.ownership.note(path, tail.marks());
    if (this.#options.forgets && tail.gone) {
      this.#end(path, tail);
      this.#gone(path);
    } else if (this.#pending.size > 0) this.#leave(path, tail);
    this.#startPending();
  }

  /** Starts pending logs as far as there is room. */
  #startPending(): void {
    for (const [path, beginning] of this.#pending) {
      if (this.tails.size >= LIVE) return;
      this.#pending.delete(path);
      this.start(path, beginning);
    }
  }

  /** Looks at a log; a quiet one is followed again if it changed, another in any case. */
  look(path: string): void {
    const problem = this.#broken.get(path);
    if (problem !== undefined && !this.#stopped) {
      this.#broken.delete(path);
      return this.start(path, { begin: this.#begin, problem });
    }
    const rotatedSince = this.#stopped ? undefined : this.#lingering.take(path);
    if (rotatedSince !== undefined) return this.start(path, { begin: this.#begin, rotatedSince });
    const before = this.#quiet.get(path);
    if (before === undefined || this.#stopped) return;
    const now = stampAt(path);
    if (sameStamp(before, now)) return;
    const tail = this.#asleep.take(path);
    this.#quiet.delete(path);
    if (now === null && this.#options.forgets) return this.#gone(path);
    if (tail !== undefined && this.#hasRoom()) {
      this.tails.set(path, tail);
      return tail.resume();
    }
    const begun = this.#unsaved.get(path)?.files.at(-1)?.offset;
    this.start(path, { begin: begun ?? this.#begin });
  }
}
