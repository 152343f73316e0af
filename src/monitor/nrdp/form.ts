/**
 * Check results as NRDP reads them: JSON (since NRDP 1.5) or XML, in a posted form, so that the
 * token is in no access log.
 *
 * There is no `time`: a server with `allow_old_results` writes results with one to its database,
 * bypassing Nagios, so that nobody is notified; all others ignore it.
 */
import type { CheckResult } from '../../result/check-result.ts';
import { escapeOutput, outputOf } from '../command.ts';
import { nrdpProtocol } from './protocol.ts';

/** What XML cannot contain, besides control characters. */
const NO_XML = /[\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** The body of a request; an empty `data` has no results. */
export function formOf(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** Results in JSON. @param now ms since 1970: a late result has its time in the output */
export function jsonOf(results: readonly CheckResult[], now: number): string {
  const checkresults = results.map((result) => {
    const { host, service, state } = result;
    return {
      checkresult: { type: typeOf(result), checktype: '1' },
      hostname: host,
      ...(service !== '' && { servicename: service }),
      state,
      output: output(result, now),
    };
  });
  return JSON.stringify({ checkresults });
}

/** The same in XML. */
export function xmlOf(results: readonly CheckResult[], now: number): string {
  const elements = results.map((result) => {
    const { host, service, state } = result;
    const named = service === '' ? '' : `<servicename>${escapeXml(service)}</servicename>`;
    return (
      `<checkresult type="${typeOf(result)}" checktype="1">` +
      `<hostname>${escapeXml(host)}</hostname>${named}<state>${state}</state>` +
      `<output>${escapeXml(output(result, now))}</output></checkresult>`
    );
  });
  return `<?xml version="1.0" encoding="utf-8"?>\n<checkresults>${elements.join('')}</checkresults>`;
}

/** Without a type NRDP treats a result as a host's. */
function typeOf({ service }: CheckResult): 'host' | 'service' {
  return service === '' ? 'host' : 'service';
}

/**
 * NRDP writes it to a file of lines for Nagios, which interprets backslashes: old versions
 * unchanged, newer ones with newlines escaped. So it is escaped here, and no newline gets into the
 * file with any server.
 */
function output(result: CheckResult, now: number): string {
  return escapeOutput(outputOf(result, now, nrdpProtocol.limits)).toWellFormed();
}

function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(NO_XML, '?')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}
