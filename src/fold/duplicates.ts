/**
 * How many of the denials in a line no other line has reported: one refused connection may be
 * written to several logs, and xinetd writes two lines for one.
 */
import type { Denial } from '../parse/denial.ts';
import type { Unseen } from '../parse/unseen.ts';
import { sourceOf } from './key.ts';
import { Sightings } from './sightings.ts';
import type { Room } from './stored-map.ts';

/** Formats of xinetd's two lines for one refusal, of which the first has the daemon's name. */
const XINETD = new Set(['xinetd', 'xinetd-fail']);

export class Duplicates {
  readonly #logs: Sightings;
  readonly #xinetd: Sightings;
  readonly #unseen: Sightings;

  /** @param room for connections that are remembered; the oldest are forgotten first */
  constructor(room: Room) {
    this.#logs = new Sightings('same:', room);
    this.#xinetd = new Sightings('xinetd:', room);
    this.#unseen = new Sightings('unseen:', room);
  }

  /**
   * How many of a line's denials are new.
   * @param stream that brought the line; null where there is no other that could have the same
   */
  countNew(denial: Denial, stream: string | null): number {
    const { at, host, daemon, pid, format } = denial;
    let { count } = denial;
    const who = `${pid ?? ''}\n${sourceOf(denial)}`;
    const line = XINETD.has(format) ? format : null;
    if (stream !== null) {
      const identity = `${daemon}\n${who}\n${line ?? ''}`;
      count = this.#logs.countNew(identity, { at, host, count, observer: stream });
    }
    if (line === null || count === 0) return count;
    return this.#xinetd.countNew(who, { at, host, count, observer: line });
  }

  /** How many of what a line says was not seen are new. */
  countNewUnseen({ at, host, program, why, count }: Unseen, stream: string | null): number {
    if (stream === null) return count;
    return this.#unseen.countNew(`${why}\n${program ?? ''}`, { at, host, count, observer: stream });
  }

  /** What loads its rows. */
  get parts(): readonly Sightings[] {
    return [this.#logs, this.#xinetd, this.#unseen];
  }

  /** Every stream was read as far as this. */
  forget(horizon: number): void {
    for (const part of this.parts) part.forget(horizon);
  }

  /** When there is something to forget next, ms. */
  next(): number {
    return Math.min(...this.parts.map((part) => part.next()));
  }

  *changes() {
    for (const part of this.parts) yield* part.changes();
  }
}
