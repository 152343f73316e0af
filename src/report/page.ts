/** A report as one self-contained page: no script, nothing to load, and data only as text. */
import { number } from '../text/amounts.ts';
import { createHash } from 'node:crypto';
import type { Group } from '../queue/history-reader.ts';
import { chart } from './chart.ts';
import type { Figures } from './figures.ts';
import { clockText, dateText, datesText, timeText, WEEKDAYS } from './local-time.ts';
import { eventList, groupTable, pairTable } from './lists.ts';
import { html, type Markup } from './markup.ts';
import { STYLE } from './style.ts';
import { courseTitle, headline, label, notes } from './words.ts';

/** When and where a page was made. */
export interface Made {
  /** ms since 1970 */
  readonly at: number;
  /** This machine. */
  readonly on: string;
}

/** Most names on the axis of the course: as many as fit on a phone. */
const NAMES = 6;
/** Steps between the named parts, in units that are easy to count. */
const STEPS = { hour: [1, 2, 3, 6, 12], day: [1, 2, 7, 14], week: [1, 2, 4, 13, 26] } as const;
/** Most scans and storms, and most groups of a list that has another list beside it. */
const EVENTS = 8;
const BESIDE = 10;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Exactly the text whose hash is in the policy. */
const LOOK: Markup = { markup: `<style>${STYLE}</style>` };
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The page as text. */
export function htmlReport(figures: Figures, made: Made): string {
  const { period, all, zone } = figures;
  const title = `${headline(figures)}, ${datesText(period.since, period.until)}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${LOOK}
      </head>
      <body>
        <main>
          <header>
            <p class="over">TCP wrappers on ${made.on}</p>
            <h1>${heading(figures)}</h1>
            <p class="period">${timeText(period.since)} to ${timeText(period.until)}, ${zone}</p>
            ${notes(figures).map((note) => html`<p class="note">${note}</p>`)}
          </header>
          ${all.denials === 0 ? '' : body(figures)}
          <footer>
            Made by denywatch on ${made.on}, ${timeText(made.at)}. Times are in ${zone}. The first
            and the last hour are counted whole.
          </footer>
        </main>
      </body>
    </html> `;
  return page.markup;
}

function heading({ all, period }: Figures): Markup | string {
  if (all.denials === 0) return headline({ all, period });
  const [count = '', ...rest] = headline({ all, period }).split(' ');
  return html`<strong>${count}</strong> ${rest.join(' ')}`;
}

function body(figures: Figures): Markup {
  return html`${keyFigures(figures)} ${charts(figures)} ${eventList(figures.events, EVENTS)}
  ${tables(figures)}`;
}

function keyFigures({ all, networkCount, events }: Figures): Markup {
  const least = all.others > 0 ? ', at least' : '';
  const keys: readonly (readonly [string, number])[] = [
    [`Clients${least}`, all.clients],
    [`Networks${least}`, networkCount],
    ['Daemons', all.daemons],
    ['Scans', events.scans],
    ...(all.hosts > 1 ? [['Sweeps', events.sweeps] as const] : []),
    ['Storms', events.storms],
  ];
  return html`<dl class="keys">
    ${keys.map(
      ([name, count]) =>
        html`<div>
          <dt class="key">${name}</dt>
          <dd>${number(count)}</dd>
        </div>`,
    )}
  </dl>`;
}

function charts({ course, hours, weekdays }: Figures): Markup {
  const parts = course.parts.map(({ at, denials }) => ({
    name: label(course.unit, at),
    short: course.unit === 'hour' ? clockText(at) : dateText(at),
    count: denials,
  }));
  const atLeast = parts.length / NAMES;
  return html`${chart({
      title: courseTitle(course.unit),
      what: course.unit === 'hour' ? 'Hour' : course.unit === 'day' ? 'Day' : 'Week from',
      columns: parts,
      every: STEPS[course.unit].find((step) => step >= atLeast) ?? Math.ceil(atLeast),
      tall: true,
    })}
    <div class="two">
      ${chart({
        title: 'By hour of the day',
        what: 'Hour',
        columns: hours.map((count, hour) => ({ name: clock(hour), short: clock(hour), count })),
        every: 6,
      })}
      ${chart({
        title: 'By weekday',
        what: 'Weekday',
        columns: weekdays.map((count, i) => ({ name: DAYS[i]!, short: WEEKDAYS[i]!, count })),
        every: 1,
      })}
    </div>`;
}

function tables(figures: Figures): Markup {
  const { all } = figures;
  const clients = {
    title: 'Clients',
    what: 'Client',
    groups: figures.clients,
    count: all.clients,
    isLeast: all.others > 0,
    more: [
      { heading: 'Daemons', of: ({ daemons }: Group) => daemons },
      ...(all.hosts > 1 ? [{ heading: 'Hosts', of: ({ hosts }: Group) => hosts }] : []),
    ],
  };
  const networks = {
    title: 'Networks',
    what: 'Network',
    groups: figures.networks.slice(0, BESIDE),
    count: figures.networkCount,
    isLeast: all.others > 0,
  };
  const daemons = {
    title: 'Daemons',
    what: 'Daemon',
    groups: figures.daemons.slice(0, BESIDE),
    count: all.daemons,
  };
  return html`${groupTable(clients, all.denials)}
    <div class="two">${groupTable(networks, all.denials)} ${groupTable(daemons, all.denials)}</div>
    ${all.hosts > 1 ? html`${hostTable(figures)} ${pairTable(figures.pairs)}` : ''}`;
}

function hostTable({ all, hosts }: Figures): Markup {
  const more = [{ heading: 'Clients', of: ({ clients }: Group) => clients }];
  const listed = { title: 'Hosts', what: 'Host', groups: hosts, count: all.hosts, more };
  return groupTable(listed, all.denials);
}

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
