/** Open windows: for each key, the number of denials that no alert has reported yet. */
import type { Denial } from '../parse/denial.ts';
import type { RepeatAlert } from './alert.ts';
import { isList, isNumber, isText, textBytes } from './row.ts';
import type { StoredKind } from './stored-map.ts';

export interface Window {
  /** The denial that opened the key. */
  readonly denial: Denial;
  /** When this window began, ms, and how long it is. */
  start: number;
  length: number;
  /** Denials counted in it; none of them is reported yet. */
  count: number;
}

export const WINDOW: StoredKind<Window> = {
  prefix: 'window:',
  end: ({ start, length }) => start + length,
  encode: ({ start, length, count, denial }) =>
    JSON.stringify([start, length, count, ...packDenial(denial)]),
  decode(text) {
    const row: unknown = JSON.parse(text);
    if (!isList(row)) throw new Error('no window');
    const [start, length, count, ...denial] = row;
    if (!isNumber(start) || !isNumber(length) || !isNumber(count)) throw new Error('no window');
    return { start, length, count, denial: unpackDenial(denial) };
  },
  cost({ denial }) {
    const { host, daemon, client, address, user, program } = denial;
    return (
      300 +
      textBytes(host) +
      textBytes(daemon) +
      textBytes(client) +
      textBytes(address) +
      textBytes(user) +
      textBytes(program)
    );
  },
};

/** What a window has counted in `duration` ms from its beginning. */
export function repeat({ start, count, denial }: Window, duration: number): RepeatAlert {
  return { kind: 'repeat', at: start + duration, count, denial, duration };
}

/** A denial without its field names: there may be many thousands of rows. */
function packDenial(denial: Denial): unknown[] {
  const { at, host, daemon, client, address, user, pid, program, format, count } = denial;
  return [at, host, daemon, client, address, user, pid, program, format, count];
}

/** @throws where `packDenial` did not make it */
function unpackDenial(packed: unknown[]): Denial {
  const [at, host, daemon, client, address, user, pid, program, format, count] = packed;
  const names = [host, client, address, user, program];
  const isDenial =
    names.every((name) => name === null || isText(name)) &&
    [daemon, format].every(isText) &&
    [at, count].every(isNumber) &&
    (pid === null || isNumber(pid));
  if (!isDenial) throw new Error('no denial');
  return { at, host, daemon, client, address, user, pid, program, format, count } as Denial;
}
