/**
 * Stores what is due in the timeline in the queue file: with the block that made it due, at the end
 * of a stream, or when streams have waited for each other long enough. If storing at the end of a
 * stream fails, it is tried again.
 */
import type { Place } from './places.ts';
import type { Unseen } from '../parse/unseen.ts';
import type { Line } from './line-times.ts';
import type { Due } from './folding.ts';
import type { OffsetWarnings } from './offset-warnings.ts';
import type { SavedTime, Step, Timeline } from './timeline.ts';
import { STORE_AGAIN, type Writer } from './writer.ts';

/**
 * How long streams wait for each other, ms: a backlog is short, and a long one must not delay the
 * others.
 */
const PATIENCE = 10_000;

/** What was found in a block of lines. */
export interface Findings {
  readonly lines: readonly Line[];
  /** These raise no alert, so they do not wait for other streams. */
  readonly unseen: readonly Unseen[];
}

type End = 'live' | 'away';

export class CatchUp {
  readonly #timeline: Timeline;
  readonly #writer: Writer;
  readonly #warnings: OffsetWarnings;
  readonly #onEnd: (stream: string) => void;
  /** Streams whose end is not stored yet. */
  readonly #ending = new Map<string, End>();
  #patience: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;

  /** @param onEnd called when the end of a stream is stored */
  constructor(
    timeline: Timeline,
    writer: Writer,
    warnings: OffsetWarnings,
    onEnd: (stream: string) => void,
  ) {
    this.#timeline = timeline;
    this.#writer = writer;
    this.#warnings = warnings;
    this.#onEnd = onEnd;
    this.#watch();
  }

  /** A stream will be read, with the stored state of its times. */
  expect(stream: string, saved: SavedTime): void {
    this.#timeline.expect(stream, saved);
    this.#timeline.hasMore(stream);
    this.#watch();
  }

  /**
   * Takes what was found in a stream, and the place after it.
   * @throws where they cannot be stored: then nothing has changed
   */
  take(stream: string, { lines, unseen }: Findings, place: Place): void {
    this.#ending.delete(stream);
    const step = this.#timeline.take(stream, lines);
    const found = unseen.map((one) => ({ unseen: one, stream }));
    this.#store(step, [stream, place], found);
  }

  /** A stream was read to its end, or cannot be read for now. */
  end(stream: string, as: End): void {
    this.#timeline.hasNoMore(stream);
    const { mode, unsettled, waiting } = this.#timeline.of(stream);
    if (mode === as && unsettled.length === 0 && waiting.length === 0) return this.#onEnd(stream);
    this.#ending.set(stream, as);
    this.#finish();
  }

  close(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#again);
  }

  #finish(): void {
    clearTimeout(this.#again);
    for (const [stream, as] of this.#ending) {
      if (!this.#try(() => this.#timeline[as === 'live' ? 'end' : 'away'](stream))) {
        this.#again = setTimeout(() => this.#finish(), STORE_AGAIN);
        return;
      }
      this.#ending.delete(stream);
      this.#onEnd(stream);
    }
  }

  #hurry(): void {
    this.#patience = undefined;
    const step = this.#timeline.hurry();
    if (!this.#try(() => step)) {
      this.#patience = setTimeout(() => this.#hurry(), STORE_AGAIN);
      return;
    }
    for (const [stream, { mode }] of step.states) if (mode === 'away') this.#onEnd(stream);
  }

  #try(step: () => Step): boolean {
    return this.#writer.attempt(() => this.#store(step()));
  }

  #store(step: Step, moved?: readonly [string, Place], unseen: Due['unseen'] = []): void {
    const { due, inOrder, states } = step;
    if (due.length > 0 || moved !== undefined)
      this.#writer.write((folding) => folding.add({ denials: due, inOrder, unseen }), {
        times: states,
        ...(moved && { moved }),
      });
    this.#warnings.compare(this.#timeline, states);
    this.#timeline.commit(step);
    this.#watch();
  }

  /** Other streams wait for those that are behind, but not forever. */
  #watch(): void {
    if (this.#timeline.isBehind) {
      this.#patience ??= setTimeout(() => this.#hurry(), PATIENCE);
      return;
    }
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}
