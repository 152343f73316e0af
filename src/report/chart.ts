/** Charts of a page: columns in SVG that fills the width, and their figures in a table. */
import { number, plural } from '../text/amounts.ts';
import { html, type Markup } from './markup.ts';

/** One column. */
export interface Column {
  /** Its name in the table and under the pointer. */
  readonly name: string;
  /** Its name on the axis, if there is room. */
  readonly short: string;
  readonly count: number;
}

export interface Chart {
  readonly title: string;
  /** Heading of the names. */
  readonly what: string;
  readonly columns: readonly Column[];
  /** Every how many columns one is named on the axis. */
  readonly every: number;
  readonly tall?: boolean;
}

/** Width of a column in units of the drawing, and how many of them are a gap. */
const WIDTH = 10;
const GAP = 2;
const HEIGHT = 100;

/** A section with a chart. */
export function chart({ title, what, columns, every, tall = false }: Chart): Markup {
  const most = columns.reduce((a, b) => (b.count > a.count ? b : a));
  const top = roundUp(most.count);
  const width = columns.length * WIDTH;
  const named = columns.map(({ short }, i) => {
    // A name uses the room of the columns after it; the last columns have none.
    const has = i % every === 0 && i + every <= columns.length;
    return html`<span>${has ? short : ''}</span>`;
  });
  const peak = `Most: ${number(most.count)}, ${most.name}`;
  return html`<section class="chart${tall ? ' tall' : ''}">
    <div class="head">
      <h2>${title}</h2>
      <p class="peak">${peak}</p>
    </div>
    <div class="plot">
      <div class="scale" aria-hidden="true">
        <span>${number(top)}</span><span>${number(top / 2)}</span><span>0</span>
      </div>
      <svg
        class="columns"
        role="img"
        aria-label="${title}. ${peak}. All figures are in the table below."
        viewBox="0 0 ${width} ${HEIGHT}"
        preserveAspectRatio="none"
      >
        ${[0, HEIGHT / 2, HEIGHT].map((y) => html`<line x1="0" x2="${width}" y1="${y}" y2="${y}" />`)}
        ${columns.map((one, i) => column(one, i, top, one === most))}
      </svg>
      <div class="axis${every === 1 ? ' each' : ''}" aria-hidden="true">${named}</div>
    </div>
    <details>
      <summary>Figures as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">${what}</th>
            <th scope="col" class="number">Refused</th>
          </tr>
        </thead>
        <tbody>
          ${columns.map(
            ({ name, count }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td class="number">${number(count)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </section>`;
}

function column({ name, count }: Column, i: number, top: number, most: boolean): Markup {
  // A count above zero is always visible.
  const height = count === 0 ? 0 : Math.max(1, (count / top) * HEIGHT);
  const x = i * WIDTH;
  const y = HEIGHT - height;
  return html`<g
    ><title>${name}: ${plural(count, 'refused connection')}</title
    ><rect
      class="hit"
      x="${x}"
      y="0"
      width="${WIDTH}"
      height="${HEIGHT}" /><rect${most ? html` class="most"` : ''}
      x="${x + GAP / 2}"
      y="${y.toFixed(2)}"
      width="${WIDTH - GAP}"
      height="${height.toFixed(2)}"
  /></g> `;
}

/** Ends of scales that are easy to read, as are their halves. */
const ENDS = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];

/** The smallest round number that is not less, and whose half is whole. */
function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, count)));
  const ends = ENDS.map((end) => Math.round(end * power * 100) / 100);
  return ends.find((end) => end >= count && end % 2 === 0) ?? 10 * power;
}

/** A bar for a share from 0 to 1, for a cell. */
export function bar(share: number): Markup {
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${Math.max(0.5, 100 * share).toFixed(2)}" height="1" />
  </svg>`;
}
