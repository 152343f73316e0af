/** Texts that all forms of a report share. */
import { number, plural } from '../text/amounts.ts';
import type { Figures } from './figures.ts';
import { clockText, dayText, timeText } from './local-time.ts';

type Unit = Figures['course']['unit'];

/** `1,532 refused connections on web1` */
export function headline({ all, period }: Pick<Figures, 'all' | 'period'>): string {
  const where = period.host === null ? '' : ` on ${period.host}`;
  return all.denials === 0
    ? `No connection was refused${where}`
    : `${plural(all.denials, 'refused connection')}${where}`;
}

/** `2,000`, or `at least 2,000` where not all have a row of their own. */
export function amount(count: number, isLeast: boolean): string {
  return `${isLeast ? 'at least ' : ''}${number(count)}`;
}

/** `12.3 %` */
export function percent(part: number, all: number): string {
  const share = (100 * part) / all;
  return `${share > 0 && share < 0.1 ? '<0.1' : share.toFixed(1)} %`;
}

/** What the reader must know to understand the figures. */
export function notes({ begin, period, all, unseen }: Figures): string[] {
  const found: string[] = [];
  if (begin === null) {
    found.push('The history is empty: no refused connection has been counted yet.');
  } else if (begin > period.since && begin < period.until) {
    found.push(`The history begins at ${timeText(begin)}.`);
  } else if (all.denials === 0 && begin >= period.until) {
    found.push(`The history begins later, at ${timeText(begin)}.`);
  }
  if (all.others > 0) {
    const of = all.others === 1 ? '1 is' : `${number(all.others)} are`;
    found.push(`Of these, ${of} from infrequent clients that are not listed individually.`);
  }
  const { connections, messages } = unseen;
  if (connections > 0)
    found.push(
      `sshd dropped at least ${plural(connections, 'more connection')} before any log could say where they came from.`,
    );
  if (messages > 0)
    found.push(
      `At least ${plural(messages, 'log message')} ${messages === 1 ? 'was' : 'were'} suppressed; there may have been refusals among them.`,
    );
  return found;
}

/** `Day by day` */
export function courseTitle(unit: Unit): string {
  return { hour: 'Hour by hour', day: 'Day by day', week: 'Week by week' }[unit];
}

/** A part of the course by its beginning. */
export function label(unit: Unit, at: number): string {
  return unit === 'hour' ? `${dayText(at)} ${clockText(at)}` : dayText(at);
}
