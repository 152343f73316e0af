/** A verdict as lines of text. */
import { number, plural } from '../text/amounts.ts';
import { isoSeconds } from '../text/times.ts';
import type { Difference } from './compare.ts';
import type { Amount, MonitorSum, Unaccounted } from './results.ts';
import type { Verdict } from './verify.ts';

/** Most of each kind of line; JSON has all. */
const MOST = 20;

/** The verdict in its first line; then what differs, and why it may. */
export function words(verdict: Verdict): string[] {
  const { isGood, host, differences, unreadable, reasons, notes } = verdict;
  const { results = [], unreported = 0, monitors = [] } = verdict;
  const what = host === null ? 'all accounted for' : 'all counted';
  return [
    `${isGood ? what : `NOT ${what}`}: ${summary(verdict)}`,
    ...(monitors.length > 1 ? monitors.map(ofMonitor) : []),
    ...some(differences, difference),
    ...(unreported === 0 ? [] : [inNoAlert(unreported)]),
    ...some(results, result),
    ...some(unreadable, (problem) => `cannot be compared: ${problem}`),
    ...some(reasons, (reason) => `possible reason: ${reason}`),
    ...some(notes, (note) => `note: ${note}`),
  ];
}

function summary(verdict: Verdict): string {
  const { isGood, host, counted, unread, pending, brought, moved } = verdict;
  const { open = 0, ignored = 0, monitors = [] } = verdict;
  const [one] = monitors;
  const amounts = one === undefined || monitors.length > 1 ? [] : outcomesOf(one);
  const most = Math.max(
    0,
    ...monitors.map(({ queued, digested }) => queued.denials - digested.denials),
  );
  const earlier = !isGood || host !== null ? 0 : most + open + ignored - counted;
  const parts = [
    plural(counted, 'refusal') + (host === null ? '' : ` on ${host}`),
    ...(monitors.length > 1 ? [`${number(most)} in alerts`] : []),
    ...amounts,
    part(open, 'in open windows'),
    part(ignored, 'ignored by a rule'),
    part(earlier, 'of an earlier time among these'),
    part(brought, 'brought by denywatch denied'),
    part(moved, 'counted in another hour than their lines say'),
    part(pending, 'read and not counted yet'),
    part(unread, 'in the logs and not read yet'),
  ];
  return parts.filter((text) => text !== '').join(', ');
}

function part(count: number, text: string): string {
  return count > 0 ? `${number(count)} ${text}` : '';
}

function ofMonitor(sum: MonitorSum): string {
  return `${sum.monitor}: ${outcomesOf(sum).join(', ')}`;
}

function outcomesOf({ delivered, waiting, setAside, dropped, removed }: MonitorSum): string[] {
  return [
    alerts(delivered, 'delivered alert'),
    alerts(waiting, 'waiting alert'),
    alerts(setAside, 'refused alert', ' set aside'),
    alerts(dropped, 'alert', ' dropped for lack of room'),
    alerts(removed, 'alert', ' removed by denywatch queue'),
  ].filter((text) => text !== '');
}

function alerts({ results, denials }: Amount, what: string, after = ''): string {
  return results === 0 ? '' : `${number(denials)} in ${plural(results, what)}${after}`;
}

function difference({ hour, host, daemon, client, counted, logged, missing }: Difference): string {
  const who = [host || 'any host', daemon || 'any daemon', client || 'any client'].join(' ');
  const what =
    missing > 0
      ? `${plural(missing, 'refusal')} in the logs and not counted`
      : `${plural(-missing, 'refusal')} counted and not in the logs`;
  return `${isoSeconds(hour)} ${who}: ${what} (counted ${number(counted)}, in the logs ${number(logged)})`;
}

function inNoAlert(unreported: number): string {
  return unreported > 0
    ? `${plural(unreported, 'refusal')} counted, and in no alert and no open window`
    : `${plural(-unreported, 'refusal')} more in alerts and open windows than counted`;
}

function result({ hour, monitor, results, denials }: Unaccounted): string {
  return results >= 0
    ? `${isoSeconds(hour)} ${monitor}: ${plural(results, 'alert')} queued with ${plural(denials, 'refusal')}, and neither delivered nor in the queue`
    : `${isoSeconds(hour)} ${monitor}: ${plural(-results, 'alert')} more than were queued`;
}

function some<T>(all: readonly T[], text: (one: T) => string): string[] {
  const lines = all.slice(0, MOST).map(text);
  return all.length > MOST
    ? [...lines, `and ${number(all.length - MOST)} more: --json has all`]
    : lines;
}
