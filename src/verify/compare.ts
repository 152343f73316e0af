/**
 * Compares what the history says was counted with what is in the logs, by hour, host, daemon and
 * client. Where the history, or the count of the logs, has clients that are not counted by name, a
 * host and daemon are compared as a whole; where daemons are not, the hour is.
 */
import type { Refused } from '../queue/history-reader.ts';

/** What an hour, host, daemon and client are called where they are compared as a whole. */
const ALL = '';

/** A count that differs. */
export interface Difference {
  /** The beginning of the hour, ms since 1970. */
  readonly hour: number;
  /** Names; '' for all together, and for a host that is not known. */
  readonly host: string;
  readonly daemon: string;
  readonly client: string;
  /** In the history. */
  readonly counted: number;
  readonly logged: number;
  /** How many refusals are in the logs and not counted; below zero, how many the other way round. */
  readonly missing: number;
}

/** The counts to compare; each by hour, host, daemon and client. */
export interface Counts {
  readonly counted: readonly Refused[];
  readonly logged: readonly Refused[];
  /** Counted ones that no log need have. */
  readonly brought: readonly Refused[];
  /** Read ones that need not be counted yet. */
  readonly pending: readonly Refused[];
}

/** Whether a row or a difference is of several hosts and daemons: a daemon always has a name. */
export const isOfAll = ({ daemon }: { readonly daemon: string }): boolean => daemon === ALL;

type Kind = keyof Counts;
type Cell = Record<Kind, number>;

/** The differences, in the order of their hours. */
export function compare(counts: Counts): Difference[] {
  const hours = new Map<number, Hour>();
  for (const kind of ['counted', 'logged', 'brought', 'pending'] as const)
    for (const row of counts[kind]) {
      const hour = hours.get(row.hour) ?? new Hour(row.hour);
      hours.set(row.hour, hour);
      hour.add(kind, row);
    }
  const inOrder = [...hours.values()].toSorted((a, b) => a.hour - b.hour);
  return inOrder.flatMap((hour) => hour.differences());
}

/** The counts of one hour. */
class Hour {
  readonly hour: number;
  readonly #rows: (readonly [Kind, Refused])[] = [];
  /** Hosts and daemons that are compared as a whole. */
  readonly #wholes = new Set<string>();
  #isWhole = false;

  constructor(hour: number) {
    this.hour = hour;
  }

  add(kind: Kind, row: Refused): void {
    this.#rows.push([kind, row]);
    if (row.client !== ALL) return;
    if (isOfAll(row)) this.#isWhole = true;
    else this.#wholes.add(`${row.host}\n${row.daemon}`);
  }

  differences(): Difference[] {
    const cells = new Map<string, Cell>();
    for (const [kind, row] of this.#rows) {
      const key = this.#keyOf(row);
      const cell = cells.get(key) ?? { counted: 0, logged: 0, brought: 0, pending: 0 };
      cells.set(key, cell);
      cell[kind] += row.denials;
    }
    return [...cells].flatMap(([key, { counted, logged, brought, pending }]) => {
      const missing = beyond(logged, counted - brought, counted + pending);
      if (missing === 0) return [];
      const [host = ALL, daemon = ALL, client = ALL] = key.split('\n');
      return [{ hour: this.hour, host, daemon, client, counted, logged, missing }];
    });
  }

  #keyOf({ host, daemon, client }: Refused): string {
    if (this.#isWhole) return `${ALL}\n${ALL}\n${ALL}`;
    const group = `${host}\n${daemon}`;
    return this.#wholes.has(group) ? `${group}\n${ALL}` : `${group}\n${client}`;
  }
}

/** How far a value is above or, negative, below a range. */
function beyond(value: number, least: number, most: number): number {
  return Math.max(0, value - most) + Math.min(0, value - least);
}

/**
 * Separates the differences that are only about the hour: of the same host, daemon and client as
 * many are missing in some hours as there are too many in others. A line whose time is not believed
 * counts in the hour in which it was read.
 */
export function splitMoved(differences: readonly Difference[]): {
  readonly real: readonly Difference[];
  /** How many refusals are counted in another hour. */
  readonly moved: number;
} {
  const sums = new Map<string, number>();
  const keyOf = ({ host, daemon, client }: Difference) => `${host}\n${daemon}\n${client}`;
  for (const one of differences) sums.set(keyOf(one), (sums.get(keyOf(one)) ?? 0) + one.missing);
  const isMoved = (one: Difference) => sums.get(keyOf(one)) === 0;
  const moved = differences.filter(isMoved).reduce((sum, it) => sum + Math.max(0, it.missing), 0);
  return { real: differences.filter((one) => !isMoved(one)), moved };
}
