/** Lists of a page: who was refused most, and the scans, sweeps and storms. */
import { number } from '../text/amounts.ts';
import type { Group } from '../queue/history-reader.ts';
import { bar } from './chart.ts';
import type { Figures } from './figures.ts';
import { clockText, dateText, datesText } from './local-time.ts';
import { html, type Markup } from './markup.ts';
import { amount, percent } from './words.ts';

interface Listed {
  readonly title: string;
  /** Heading of the names. */
  readonly what: string;
  readonly groups: readonly Group[];
  /** The total number of groups. */
  readonly count: number;
  /** Whether there may be more than `count`. */
  readonly isLeast?: boolean;
  /** More columns if there is room; with them, also when the group was seen. */
  readonly more?: readonly { readonly heading: string; readonly of: (group: Group) => number }[];
}

/**
 * A section with a table of groups.
 * @param all denials in total, for the shares
 */
export function groupTable(listed: Listed, all: number): Markup {
  const { title, what, groups, count, isLeast = false, more = [] } = listed;
  const [most] = groups;
  const cells = (group: Group) =>
    more.length === 0
      ? ''
      : html`${more.map(({ of }) => html`<td class="number wide">${number(of(group))}</td>`)}
          <td class="number wide when">${datesText(group.first, group.last)}</td>`;
  const rows = groups.map(
    (group) =>
      html`<tr>
        <th scope="row" class="name">${group.name}</th>
        <td class="share">${bar(group.denials / most!.denials)}</td>
        <td class="number">${number(group.denials)}</td>
        <td class="number">${percent(group.denials, all)}</td>
        ${cells(group)}
      </tr>`,
  );
  const headings = [
    'Refused',
    'Share',
    ...(more.length === 0 ? [] : [...more.map(({ heading }) => heading), 'Seen']),
  ];
  return section(
    title,
    some(groups.length, count, '', isLeast),
    most === undefined
      ? html`<p class="none">None is listed individually.</p>`
      : html`<table>
          <thead>
            <tr>
              <th scope="col" colspan="2">${what}</th>
              ${headings.map(
                (heading, i) =>
                  html`<th scope="col" class="${i < 2 ? 'number' : 'number wide'}">${heading}</th>`,
              )}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`,
  );
}

/** A section with the denials of each client on each host. */
export function pairTable({ hosts, clients, denials }: Figures['pairs']): Markup {
  const most = Math.max(...denials.flat());
  const rows = hosts.map(
    (host, i) =>
      html`<tr>
        <th scope="row" class="name">${host}</th>
        ${denials[i]!.map(
          (count) =>
            html`<td class="number">
              ${count === 0 ? '' : html`${number(count)} ${bar(count / most)}`}
            </td>`,
        )}
      </tr>`,
  );
  return section(
    'Clients on hosts',
    '',
    html`<table class="pairs">
      <thead>
        <tr>
          <th scope="col">Host</th>
          ${clients.map((client) => html`<th scope="col" class="name">${client}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  );
}

/** A section with the newest scans, sweeps and storms. */
export function eventList(
  { scans, sweeps, storms, newest }: Figures['events'],
  limit: number,
): Markup {
  const shown = newest.slice(0, limit);
  const items = shown.map(
    ({ at, kind, text }) =>
      html`<li>
        <time class="when" datetime="${new Date(at).toISOString()}"
          >${dateText(at)}, ${clockText(at)}</time
        >
        <span class="kind">${kind}</span>
        <span class="what">${text}</span>
      </li>`,
  );
  return section(
    'Scans, sweeps and storms',
    some(shown.length, scans + sweeps + storms, 'the newest '),
    shown.length === 0
      ? html`<p class="none">No scan, sweep or storm in this time.</p>`
      : html`<ol class="events">
          ${items}
        </ol>`,
  );
}

function section(title: string, beside: string, content: Markup): Markup {
  return html`<section>
    <div class="head">
      <h2>${title}</h2>
      <p class="peak">${beside}</p>
    </div>
    ${content}
  </section>`;
}

/** `20 of 52`; nothing if all are shown. */
function some(shown: number, count: number, which = '', isLeast = false): string {
  return count > shown ? `${which}${number(shown)} of ${amount(count, isLeast)}` : '';
}
