/**
 * Where each stream stands. A place moves with the denials before it, in their transaction. One
 * that moved over lines without a denial is saved later: after a crash such lines are read again,
 * which costs time and nothing else.
 */
import type { Carry } from '../parse/parser.ts';
import type { Queue } from '../queue/queue.ts';
import type { Position } from '../source/source.ts';

/** How late, ms, a place is saved that moved over lines without a denial. */
const SAVE_AFTER = 30_000;

export interface Place {
  readonly position: Position;
  /** What the parser needs of the lines before. */
  readonly carry: Carry;
}

export class Places {
  readonly #queue: Queue;
  readonly #save: () => void;
  /** Streams with a place in the queue file. */
  readonly #stored = new Set<string>();
  readonly #moved = new Map<string, Place>();
  #timer: NodeJS.Timeout | undefined;

  /** @param save called when places have waited long enough: it stores them, or calls `later` */
  constructor(queue: Queue, save: () => void) {
    this.#queue = queue;
    this.#save = save;
  }

  /** The place of a stream, undefined where it was never read. */
  of(stream: string): Place | undefined {
    const place = this.#moved.get(stream) ?? (this.#queue.position(stream) as Place | undefined);
    if (place !== undefined) this.#stored.add(stream);
    return place;
  }

  /** Whether the queue file has a place of the stream: without one the next start is a first one. */
  isStored(stream: string): boolean {
    return this.#stored.has(stream);
  }

  /** A stream stands elsewhere, with nothing in between that must be stored. */
  move(stream: string, place: Place): void {
    this.#moved.set(stream, place);
    this.later(SAVE_AFTER);
  }

  /** Saves in so many ms, unless all are saved by then. */
  later(ms: number): void {
    this.#timer ??= setTimeout(() => this.saveNow(), ms);
  }

  saveNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#moved.size > 0) this.#save();
  }

  /** Those that are not saved yet. */
  moved(): ReadonlyMap<string, Place> {
    return this.#moved;
  }

  /** A transaction stored these, and with them all that had moved. */
  stored(places: ReadonlyMap<string, Place>): void {
    for (const stream of places.keys()) this.#stored.add(stream);
    this.#moved.clear();
  }

  /** Saves no more. */
  close(): void {
    this.saveNow();
    clearTimeout(this.#timer);
  }
}
