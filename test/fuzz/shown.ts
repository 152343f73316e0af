/** What may be shown of hostile text, written independently of src/ and in another way. */
import assert from 'node:assert/strict';
import type { Denial } from '../../src/parse/denial.ts';
import { output } from '../../src/result/output.ts';

const TEMPLATE = '{daemon} {client} {address} {user} {host} {pid} {program}';
/** A terminal's, Nagios', NSCA's, a shell's and HTML's own characters. */
const FORBIDDEN = new Set('|;`$&<>"\'\\(){}*?!~^');

/** No name in an output has a character that is more than text to who reads it. */
export function assertClean(text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f && !FORBIDDEN.has(text[at]!)) continue;
    assert.fail(`not clean: ${JSON.stringify(text)}`);
  }
}

/** What every denial must be, whatever it was read from. */
export function assertDenial(denial: Denial): void {
  const { at, count, pid, daemon, client, address, user } = denial;
  assert.ok(Math.abs(at) <= 8.64e15, `no time: ${at}`);
  assert.ok(Number.isSafeInteger(at), `a time with a fraction: ${at}`);
  assert.ok(Number.isSafeInteger(count) && count > 0, `count ${count}`);
  assert.ok(pid === null || Number.isSafeInteger(pid), `pid ${pid}`);
  for (const name of [daemon, client, address, user]) assert.notEqual(name, '');
  const shown = output(TEMPLATE, denial);
  assert.ok(shown.length <= 7 * 128);
  assertClean(shown);
}
