/**
 * How far the clocks of the hosts that write to a stream are off. A host's offset is believed when
 * two of its lines in a row agree on it; a single line with a wrong time changes nothing.
 */

const MINUTE = 60_000;
/** Zones differ by whole quarters of an hour. */
const QUARTER = 15 * MINUTE;
/** Most hosts of a stream whose clocks are tracked; the least recently seen one is dropped. */
const HOSTS = 200;

/**
 * The times between which a line was written, and the one to use where the line's own is outside
 * them.
 */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

interface HostClock {
  /** Milliseconds to add to the host's times. */
  readonly offset: number;
  /** The offset that its last line would need; null where that line was right. */
  readonly doubt: number | null;
}

const RIGHT: HostClock = { offset: 0, doubt: null };

export type SavedOffsets = readonly (readonly [host: string, offset: number])[];

export class HostOffsets {
  readonly #hosts: Map<string, HostClock>;

  constructor(hosts: Iterable<readonly [string, HostClock]> = []) {
    this.#hosts = new Map(hosts);
  }

  static restored(saved: SavedOffsets): HostOffsets {
    return new HostOffsets(saved.map(([host, offset]) => [host, { offset, doubt: null }]));
  }

  copy(): HostOffsets {
    return new HostOffsets(this.#hosts);
  }

  of(host: string): number {
    return this.#hosts.get(host)?.offset ?? 0;
  }

  /** When a line was written whose own time is `at`. */
  correct(host: string, at: number, bounds: Bounds): number {
    const { otherwise } = bounds;
    const { offset, doubt } = this.#hosts.get(host) ?? RIGHT;
    if (fits(at + offset, bounds)) {
      if (doubt !== null) this.#set(host, { offset, doubt: null });
      return at + offset;
    }
    const needed = likely(otherwise - at);
    const agreed = doubt !== null && Math.abs(doubt - needed) <= MINUTE;
    this.#set(host, agreed ? { offset: needed, doubt: null } : { offset, doubt: needed });
    return fits(at + needed, bounds) ? at + needed : otherwise;
  }

  /** Hosts whose offset differs from an earlier state, with that offset. */
  changedSince(earlier: HostOffsets): [host: string, offset: number][] {
    return [...this.#hosts].flatMap(([host, { offset }]) =>
      offset === earlier.of(host) ? [] : [[host, offset]],
    );
  }

  /** What to keep across a restart. */
  saved(): SavedOffsets {
    return [...this.#hosts].flatMap(([host, { offset }]) => (offset === 0 ? [] : [[host, offset]]));
  }

  #set(host: string, clock: HostClock): void {
    this.#hosts.delete(host);
    if (clock.offset !== 0 || clock.doubt !== null) this.#hosts.set(host, clock);
    const [oldest] = this.#hosts.keys();
    if (oldest !== undefined && this.#hosts.size > HOSTS) this.#hosts.delete(oldest);
  }
}

function fits(time: number, { least, most }: Bounds): boolean {
  return time >= least && time <= most;
}

/** Whether an offset can be the difference of two zones. */
export function isZone(offset: number): boolean {
  return offset % QUARTER === 0;
}

/**
 * Rounds an offset to the difference of two zones where it is close to one: the rest is the delay
 * of the line.
 */
function likely(offset: number): number {
  const zone = Math.round(offset / QUARTER) * QUARTER;
  return Math.abs(offset - zone) <= MINUTE ? zone : offset;
}
