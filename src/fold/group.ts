/** A group of denials that a detector watches or has found, and its row. */
import { isList, isNumber, isText, textBytes } from './row.ts';

/**
 * A group is watched until it has enough members; then it is found, and reported at once or later.
 */
export type GroupState = 'watched' | 'found' | 'reported';

export interface Group {
  state: GroupState;
  /** The logging host; null for several. */
  host: string | null;
  /** The window, ms; a group that is only watched has none. */
  start: number;
  length: number;
  /** Denials of the window that are not reported. */
  count: number;
  /** The time of its last denial, ms since 1970. */
  last: number;
  /** Daemons, where they are not the members. */
  daemons: string[];
  /** Whether there were more members or daemons than are kept. */
  missed: boolean;
}

const STATES: readonly GroupState[] = ['watched', 'found', 'reported'];

export function encodeGroup(group: Group): string {
  const { state, host, start, length, count, last, daemons, missed } = group;
  return JSON.stringify([host, start, length, count, last, STATES.indexOf(state), daemons, missed]);
}

/** @throws where the text is not a row of a group */
export function decodeGroup(text: string): Group {
  const row: unknown = JSON.parse(text);
  if (!isList(row)) throw new Error('no group');
  const [host, start, length, count, last, place, daemons = [], missed = false] = row;
  if (!(host === null || isText(host)) || !isNumber(start) || !isNumber(length) || !isNumber(count))
    throw new Error('no group');
  // Before there were sweeps a row had its members here.
  if (isList(last)) {
    const state = length > 0 ? 'reported' : 'watched';
    return { state, host, start, length, count, last: start, daemons: [], missed: true };
  }
  const state = STATES[Number(place)];
  if (!isNumber(last) || state === undefined || !isList(daemons) || !daemons.every(isText))
    throw new Error('no group');
  return { state, host, start, length, count, last, daemons, missed: missed === true };
}

/** Approximate memory of a group, bytes. */
export function groupCost({ host, daemons }: Group): number {
  let names = textBytes(host);
  for (const name of daemons) names += 50 + textBytes(name);
  return 400 + names;
}
