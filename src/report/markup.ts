/** Only this tag makes markup, so that text is never more than text in a page. */
import { visible } from '../text/unseen.ts';

export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML or SVG. Values are cleaned and escaped, except markup that this tag made. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return { markup: String.raw({ raw: strings }, ...values.map(text)) };
}

function text(value: Value): string {
  if (typeof value === 'string')
    return visible(value).replace(/[&<>"']/g, (found) => ENTITIES[found]!);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}
