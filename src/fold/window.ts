/** Open windows: for each key, how many denials were read that no alert has reported yet. */
import type { Denial } from '../parse/denial.ts';
import type { RepeatAlert } from './alert.ts';
import type { StoredKind } from './stored-map.ts';

export interface Window {
  /** The denial that opened the key. */
  readonly denial: Denial;
  /** When this window began, ms, and how long it is. */
  start: number;
  length: number;
  /** Denials counted in it: none of them is reported. */
  count: number;
}

type Saved = [start: number, length: number, count: number, ...denial: unknown[]];

export const WINDOW: StoredKind<Window> = {
  prefix: 'window:',
  end: ({ start, length }) => start + length,
  encode: ({ start, length, count, denial }) =>
    JSON.stringify([start, length, count, ...packDenial(denial)]),
  decode(text) {
    const [start, length, count, ...denial] = JSON.parse(text) as Saved;
    return { start, length, count, denial: unpackDenial(denial) };
  },
};

/** What a window has counted in `duration` ms from its begin on. */
export function repeat({ start, count, denial }: Window, duration: number): RepeatAlert {
  return { kind: 'repeat', at: start + duration, count, denial, duration };
}

/** A denial without its field names: there may be many thousand rows of them. */
function packDenial(denial: Denial): unknown[] {
  const { at, host, daemon, client, address, user, pid, program, format, count } = denial;
  return [at, host, daemon, client, address, user, pid, program, format, count];
}

function unpackDenial(packed: unknown[]): Denial {
  const [at, host, daemon, client, address, user, pid, program, format, count] = packed as [
    number,
    string | null,
    string,
    string | null,
    string | null,
    string | null,
    number | null,
    string | null,
    string,
    number,
  ];
  return { at, host, daemon, client, address, user, pid, program, format, count };
}
