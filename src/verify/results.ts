/** Checks that every alert was queued, and what became of each result. */
import type { OutcomeRow } from '../queue/proof-reader.ts';

type What = Exclude<OutcomeRow['what'], 'ignored'>;

/** Results, and the denials that they report. */
export interface Amount {
  readonly results: number;
  readonly denials: number;
}

/** What became of the results for one monitor. */
export type MonitorSum = { readonly monitor: string } & Readonly<Record<What, Amount>>;

/** An hour in which the results for a monitor do not add up. */
export interface Unaccounted {
  readonly hour: number;
  readonly monitor: string;
  /** How many were queued and are nowhere now; below zero, how many more there are than queued. */
  readonly results: number;
  readonly denials: number;
}

const WHATS = [
  'queued',
  'delivered',
  'waiting',
  'setAside',
  'digested',
  'dropped',
  'removed',
] as const satisfies readonly What[];

/** Rows of results: those of no monitor are of denials that a rule ignored. */
const ofMonitors = (rows: readonly OutcomeRow[]) => rows.filter(({ what }) => what !== 'ignored');

/** Adds up the outcomes of each monitor. */
export function sumsOf(rows: readonly OutcomeRow[]): MonitorSum[] {
  const monitors = Map.groupBy(ofMonitors(rows), ({ monitor }) => monitor);
  return Array.from(monitors, ([monitor, its]) => {
    const sums = WHATS.map((what) => [what, sum(its.filter((row) => row.what === what))] as const);
    return { monitor, ...(Object.fromEntries(sums) as Record<What, Amount>) };
  }).toSorted((a, b) => (a.monitor < b.monitor ? -1 : 1));
}

/** The hours and monitors in which more or less was queued than has an outcome or waits. */
export function unaccounted(rows: readonly OutcomeRow[]): Unaccounted[] {
  const hours = Map.groupBy(ofMonitors(rows), ({ hour, monitor }) => `${hour} ${monitor}`);
  return [...hours.values()].flatMap((its) => {
    const [first] = its;
    const queued = sum(its.filter(({ what }) => what === 'queued'));
    const found = sum(its.filter(({ what }) => what !== 'queued'));
    const results = queued.results - found.results;
    const denials = queued.denials - found.denials;
    if (first === undefined || (results === 0 && denials === 0)) return [];
    return [{ hour: first.hour, monitor: first.monitor, results, denials }];
  });
}

function sum(rows: readonly Amount[]): Amount {
  return rows.reduce(
    (all, { results, denials }) => ({
      results: all.results + results,
      denials: all.denials + denials,
    }),
    { results: 0, denials: 0 },
  );
}
