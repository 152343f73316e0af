/**
 * Logs that were rotated and read to their ends, and are not open: after a while they are looked at
 * for the last lines of late writers. So a rotation of thousands of logs at once delays none.
 */
import { keyOf } from './position.ts';
import type { Segment } from './segment.ts';
import type { RotatedSince } from './tail-options.ts';

/** Since when the rotated files of a log got nothing more; the last segment is the log itself. */
export function rotatedSince(segments: readonly Segment[]): RotatedSince {
  const rotated = segments.slice(0, -1).filter(({ quietSince }) => quietSince !== null);
  return new Map(rotated.map((it) => [keyOf(it.mark()), it.quietSince!]));
}

interface Wait {
  readonly since: RotatedSince;
  /** When to look again, ms of performance.now. */
  readonly due: number;
}

export class Lingering {
  readonly #waits = new Map<string, Wait>();
  readonly #keep: number;

  /** @param keep how long a rotated file is read that gets nothing more, ms */
  constructor(keep: number) {
    this.#keep = keep;
  }

  get size(): number {
    return this.#waits.size;
  }

  has(path: string): boolean {
    return this.#waits.has(path);
  }

  paths(): string[] {
    return [...this.#waits.keys()];
  }

  add(path: string, since: RotatedSince): void {
    this.#waits.set(path, { since, due: Math.max(...since.values()) + this.#keep });
  }

  /** Removes a log; undefined where it is none of them. */
  take(path: string): RotatedSince | undefined {
    const wait = this.#waits.get(path);
    this.#waits.delete(path);
    return wait?.since;
  }

  /** Those that must be looked at by now. */
  due(): string[] {
    const now = performance.now();
    return this.paths().filter((path) => this.#waits.get(path)!.due <= now);
  }
}
