import type { Denial } from '../parse/denial.ts';
import { shownClient } from '../text/address.ts';
import { safe } from '../text/name.ts';

/** What a template may name, and how it is shown. */
const FIELDS: Readonly<Record<string, (denial: Denial) => string>> = {
  daemon: ({ daemon }) => safe(daemon),
  // A client without a name is its address, which is in its canonical form.
  client: ({ client, address }) => safe(client === address ? client : shownClient(client)),
  address: ({ address }) => safe(address),
  user: ({ user }) => safe(user),
  host: ({ host }) => safe(host),
  pid: ({ pid }) => safe(pid === null ? null : String(pid)),
  program: ({ program }) => safe(program),
};
const FIELD = new RegExp(`\\{(${Object.keys(FIELDS).join('|')})\\}`);

/** A part of a template: text, or how a field is shown. */
type Part = string | ((denial: Denial) => string);

/** The last template, cut at its fields. */
let last: { readonly template: string; readonly parts: readonly Part[] } | null = null;

/**
 * Fills a template such as `Denied {daemon}-{client}` from a denial, each field made safe to
 * display. A client that is an address has its canonical form, however it was logged. A field that
 * the denial lacks is `unknown`. Other text of the template stays as it is.
 */
export function output(template: string, denial: Denial): string {
  if (last?.template !== template) last = { template, parts: partsOf(template) };
  let text = '';
  for (const part of last.parts) text += typeof part === 'string' ? part : part(denial);
  return text;
}

/** Every second piece is the name of a field. */
function partsOf(template: string): Part[] {
  return template.split(FIELD).map((piece, i) => (i % 2 === 0 ? piece : FIELDS[piece]!));
}
