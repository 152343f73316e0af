/**
 * The place of each stream. A place moves with the denials before it, in their transaction. One
 * that moved over lines without a denial is saved later: after a crash such lines are read again,
 * which only costs time.
 */
import type { Carry } from '../parse/parser.ts';
import type { Queue } from '../queue/queue.ts';
import type { Position } from '../source/source.ts';
import type { SavedTime } from './timeline.ts';

/** How long after it moved over lines without a denial a place is saved, ms. */
const SAVE_AFTER = 30_000;
/**
 * How many are saved earlier, with any other transaction: so a few logs need no transaction of their
 * own, and a denial in one of thousands does not save the places of all.
 */
export const ALONG = 20;
/** How many are saved in one transaction, so that it is short. */
export const AT_ONCE = 1000;
/** How soon the next ones are saved then, ms. */
const NEXT = 100;

export interface Place {
  readonly position: Position;
  /** What the parser needs from the lines before. */
  readonly carry: Carry;
  /** Bytes of the block before it, where that is the first of the stream. */
  readonly first?: number;
}

/** A place in the queue file, with the stored state of the stream's times. */
export interface SavedPlace extends Place {
  readonly time: SavedTime;
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

  /** The place of a stream and its saved times; undefined where it was never read. */
  of(stream: string): SavedPlace | undefined {
    const row = this.#queue.position(stream);
    if (row !== undefined) this.#stored.add(stream);
    if (isGone(row?.carry)) this.#queue.back(stream);
    const saved = row === undefined ? undefined : savedPlace(row);
    const moved = this.#moved.get(stream);
    return moved === undefined ? saved : { ...moved, time: saved?.time ?? null };
  }

  /**
   * Whether the queue file has a place for the stream: without one the next start is a first start.
   */
  isStored(stream: string): boolean {
    return this.#stored.has(stream);
  }

  /** Keeps nothing of a stream in memory. */
  forget(stream: string): void {
    if (!this.#moved.has(stream)) this.#stored.delete(stream);
  }

  /** Moves a stream's place over lines of which nothing must be stored. */
  move(stream: string, place: Place): void {
    this.#moved.set(stream, place);
    this.later(SAVE_AFTER);
  }

  /** Saves after this many ms, unless all are saved by then. */
  later(ms: number): void {
    this.#timer ??= setTimeout(() => this.#saveNow(), ms);
  }

  #saveNow(): void {
    this.#timer = undefined;
    if (this.#moved.size > 0) this.#save();
    if (this.#moved.size > 0) this.later(NEXT);
  }

  /**
   * The places of these streams, and `most` of those that wait to be saved, the oldest first.
   * @param moved streams that have just moved: what is known of them is older
   */
  withThose(
    streams: Iterable<string>,
    moved: ReadonlyMap<string, Place>,
    most: number,
  ): Map<string, Place> {
    const places = new Map([...this.#moved.entries().take(most), ...moved]);
    for (const stream of streams) {
      const place = places.get(stream) ?? this.of(stream);
      if (place !== undefined) places.set(stream, place);
    }
    return places;
  }

  /** A transaction stored the places of these. */
  stored(streams: Iterable<string>): void {
    for (const stream of streams) {
      this.#stored.add(stream);
      this.#moved.delete(stream);
    }
  }

  /** Saves for the last time. */
  close(): void {
    for (let before = Infinity; this.#moved.size > 0 && this.#moved.size < before;) {
      before = this.#moved.size;
      this.#save();
    }
    clearTimeout(this.#timer);
  }
}

/** A row of the queue file; before times were stored it had only the parser's part. */
function savedPlace({ position, carry }: { position: Position; carry: unknown }): SavedPlace {
  const whole = carry as { parser: Carry; time: SavedTime } | null;
  if (whole !== null && 'parser' in whole)
    return { position, carry: whole.parser, time: whole.time };
  return { position, carry: carry as Carry, time: null };
}

function isGone(carry: unknown): boolean {
  return typeof carry === 'object' && carry !== null && 'gone' in carry;
}
