/** A report as bars and tables, for a terminal or a mail. */
import { number, plural } from '../text/amounts.ts';
import { cut, wrap } from '../text/layout.ts';
import { styled, type Line } from '../text/terminal.ts';
import type { Group } from '../queue/history-reader.ts';
import type { Figures } from './figures.ts';
import { clockText, dateText, datesText, timeText, WEEKDAYS } from './local-time.ts';
import { amount, courseTitle, headline, label, notes, percent } from './words.ts';

export interface Screen {
  /** Columns. */
  readonly width: number;
  /** Whether bars are of block characters, or of `#`. */
  readonly blocks: boolean;
}

/** Most groups, scans and storms of a kind. */
const LINES = 10;
/** Smallest usable width. */
const NARROWEST = 40;
const WIDEST = 100;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** The whole report. */
export function terminalReport(figures: Figures, screen: Screen): Line[] {
  const fitting = { ...screen, width: Math.max(NARROWEST, Math.min(WIDEST, screen.width)) };
  const { period, all, course, hours, weekdays } = figures;
  const head: Line[] = [
    [styled('bold', headline(figures))],
    `${timeText(period.since)} to ${timeText(period.until)}, times in ${figures.zone}`,
    ...notes(figures).map((note) => [styled('dim', note)]),
  ];
  const parts = course.parts.map(({ at, denials }): Row => [label(course.unit, at), denials]);
  const clock = hours.map((denials, hour): Row => [`${String(hour).padStart(2, '0')}:00`, denials]);
  const week = weekdays.map((denials, day): Row => [WEEKDAYS[day]!, denials]);
  const sections: readonly (readonly [title: string, lines: readonly Line[]])[] = [
    [courseTitle(course.unit), bars(parts, fitting)],
    ['By hour of the day', bars(clock, fitting)],
    ['By weekday', bars(week, fitting)],
    ['Scans, sweeps and storms', eventLines(figures, fitting)],
    ...groupTables(figures, fitting),
  ];
  const shown = all.denials === 0 ? [] : sections;
  return [
    ...head,
    ...shown.flatMap(([title, lines]): Line[] => ['', [styled('bold', title)], ...lines]),
  ];
}

type Row = readonly [name: string, count: number];

function bars(rows: readonly Row[], screen: Screen): Line[] {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const names = Math.max(...rows.map(([name]) => name.length));
  const counts = Math.max(...rows.map(([, count]) => number(count).length));
  const room = screen.width - names - counts - 4;
  return rows.map(([name, count]): Line => {
    const start = `${name.padEnd(names)}  ${number(count).padStart(counts)}`;
    if (count === 0) return [styled('dim', start)];
    return [`${start}  `, styled('cyan', bar((count / most) * room, screen))];
  });
}

/** A count above zero is always visible. */
function bar(length: number, { blocks }: Screen): string {
  if (!blocks) return '#'.repeat(Math.max(1, Math.round(length)));
  const eighths = Math.max(1, Math.round(length * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

function groupTables({ all, ...figures }: Figures, screen: Screen) {
  const of = (
    title: string,
    listed: readonly Group[],
    count: number,
    { more, isLeast = false }: { readonly more?: More; readonly isLeast?: boolean } = {},
  ) =>
    [
      `${title} (${amount(count, isLeast)})`,
      table(listed, count, { all: all.denials, more, isLeast }, screen),
    ] as const;
  const isLeast = all.others > 0;
  const tables: (readonly [title: string, lines: readonly Line[]])[] = [
    of('Clients', figures.clients, all.clients, {
      more: all.hosts > 1 ? onHosts : undefined,
      isLeast,
    }),
    of('Networks', figures.networks, figures.networkCount, { isLeast }),
    of('Daemons', figures.daemons, all.daemons),
  ];
  if (all.hosts > 1) {
    tables.push(of('Hosts', figures.hosts, all.hosts));
    tables.push(['Clients on hosts', pairLines(figures.pairs, screen)]);
  }
  return tables;
}

/** More about a group, in short form. */
type More = ((group: Group) => string) | undefined;

const onHosts = ({ hosts }: Group) => `on ${plural(hosts, 'host')}`;

/** Name, denials and share; if there is room, more and the first and last hour. */
function table(
  listed: readonly Group[],
  count: number,
  { all, more, isLeast }: { readonly all: number; readonly more: More; readonly isLeast: boolean },
  { width }: Screen,
): Line[] {
  if (listed.length === 0) return ['none is listed individually'];
  const rows = listed.slice(0, LINES).map((group) => {
    const { name, denials, first, last } = group;
    const when = datesText(first, last);
    const rest = more === undefined ? when : `${more(group).padEnd(13)} ${when}`;
    return [name, number(denials), percent(denials, all), rest] as const;
  });
  const counts = Math.max(...rows.map(([, denials]) => denials.length));
  const days = width >= 72 ? (more === undefined ? 17 : 31) : 0;
  const names = width - counts - 7 - 4 - days;
  const lines = rows.map(([name, denials, share, when]): Line => {
    const start = `${cut(name, names).padEnd(names)}  ${denials.padStart(counts)}  ${share.padStart(7)}`;
    return days === 0 ? start : [`${start}  `, styled('dim', when)];
  });
  const rest = count - rows.length;
  return rest > 0
    ? [...lines, [styled('dim', `and ${isLeast ? 'at least ' : ''}${plural(rest, 'other')}`)]]
    : lines;
}

/** A line for each host; each client has a column as wide as its name. */
function pairLines({ hosts, clients, denials }: Figures['pairs'], { width }: Screen): Line[] {
  const names = Math.min(Math.max(...hosts.map(({ length }) => length)), Math.floor(width / 3));
  const widths = clients.map((client) => Math.max(client.length, 6));
  let used = names;
  const shown = widths.filter((size) => (used += size + 2) <= width).length;
  const row = (name: string, cells: readonly string[]) =>
    cut(name, names).padEnd(names) +
    cells
      .slice(0, shown)
      .map((cell, i) => `  ${cell.padStart(widths[i]!)}`)
      .join('');
  return [
    [styled('dim', row('', clients))],
    ...hosts.map((host, i) =>
      row(
        host,
        denials[i]!.map((count) => (count === 0 ? '-' : number(count))),
      ),
    ),
    ...(shown < clients.length ? [[styled('dim', 'a wider screen shows more clients')]] : []),
  ];
}

function eventLines({ events }: Figures, { width }: Screen): Line[] {
  const shown = events.newest.slice(0, LINES);
  const lines = shown.flatMap(({ at, text }) => {
    const when = `${dateText(at).padStart(6)} ${clockText(at)}`;
    return wrap(text, width - 14).map((line, i): Line =>
      i === 0 ? [styled('dim', when), `  ${line}`] : ' '.repeat(14) + line,
    );
  });
  if (lines.length === 0) return ['none'];
  const rest = events.scans + events.sweeps + events.storms - shown.length;
  return rest > 0 ? [...lines, [styled('dim', `and ${plural(rest, 'earlier one')}`)]] : lines;
}
