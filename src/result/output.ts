import type { Denial } from '../parse/denial.ts';
import { shownClient } from '../text/address.ts';
import { safe } from '../text/name.ts';

const FIELD = /\{(daemon|client|address|user|host|pid|program)\}/;
type Field = 'daemon' | 'client' | 'address' | 'user' | 'host' | 'pid' | 'program';

/** The last template, cut at its fields: every second part is the name of one. */
let last: { readonly template: string; readonly parts: readonly string[] } | null = null;

/**
 * Fills a template such as `Denied {daemon}-{client}` from a denial, each field made safe to
 * display. A client that is an address has its canonical form, however it was logged. A field that
 * the denial lacks is `unknown`. Other text of the template stays as it is.
 */
export function output(template: string, denial: Denial): string {
  if (last?.template !== template) last = { template, parts: template.split(FIELD) };
  let text = '';
  for (let i = 0; i < last.parts.length; i++) {
    const part = last.parts[i]!;
    text += i % 2 === 0 ? part : shown(part as Field, denial);
  }
  return text;
}

function shown(field: Field, denial: Denial): string {
  const { client, address } = denial;
  // A client without a name is its address, which is in its canonical form.
  const value = field === 'client' && client !== address ? shownClient(client) : denial[field];
  return safe(value === null ? null : String(value));
}
