import type { Denial } from '../parse/denial.ts';
import { shownClient } from '../text/address.ts';
import { safe } from '../text/name.ts';

const FIELD = /\{(daemon|client|address|user|host|pid|program)\}/g;

/**
 * Fills a template such as `Denied {daemon}-{client}` from a denial, each field made safe to
 * display. A client that is an address has its canonical form, however it was logged. A field that
 * the denial lacks is `unknown`. Other text of the template stays as it is.
 */
export function output(template: string, denial: Denial): string {
  return template.replace(FIELD, (_, field: keyof Denial) => {
    const value = field === 'client' ? shownClient(denial.client) : denial[field];
    return safe(value === null || value === undefined ? null : String(value));
  });
}
