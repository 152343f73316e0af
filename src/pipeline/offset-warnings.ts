/** Reports once for each host of a stream that its clock or its zone differs. */
import type { Logger } from 'pino';
import { span } from '../text/amounts.ts';
import { safe } from '../text/name.ts';
import { isZone } from './host-offsets.ts';
import type { StreamTime, Timeline } from './timeline.ts';

/** Most hosts that are reported. */
const MOST = 1000;

export class OffsetWarnings {
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Compares the known times of streams with the new ones. */
  compare(timeline: Timeline, states: ReadonlyMap<string, StreamTime>): void {
    for (const [stream, { mode, offsets }] of states) {
      if (mode !== 'live') continue;
      for (const [host, offset] of offsets.changedSince(timeline.of(stream).offsets))
        this.#say(stream, host, offset);
    }
  }

  #say(stream: string, host: string, offset: number): void {
    const about = `${stream}\n${host}`;
    if (offset === 0 || this.#said.has(about) || this.#said.size >= MOST) return;
    this.#said.add(about);
    const way = offset > 0 ? 'behind' : 'ahead of';
    const advice = isZone(offset)
      ? "is its zone another? 'zone' of the source sets it"
      : 'is that clock right, or are its lines held up on their way?';
    this.#log.warn(
      { stream, host: safe(host) },
      `${stream} is written ${span(Math.abs(offset))} ${way} this machine's clock, and its times are corrected: ${advice}`,
    );
  }
}
