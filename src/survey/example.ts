/**
 * The package's commented configuration, etc/denywatch.yaml, filled in for a machine. Its text
 * comes from that file; there is no copy.
 */
import { readFileSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';
import type { DraftKey } from '../monitor/kind.ts';
import type { Draft } from '../monitor/kinds.ts';
import { safeJson } from '../text/json.ts';

const NAME = 'etc/denywatch.yaml';

/** The example's monitor: the first entry, with the lines indented under it. */
const ENTRY = /(?<=^monitors:\n) {2}- .*\n(?: {4}.*\n)*/m;

/** What is known about a machine; what is missing stays as in the example. */
export interface Filling {
  /** host_name in Nagios. */
  readonly host: string;
  /** What to read: a path or `journal`, with a remark. */
  readonly sources: readonly { readonly stream: string; readonly remark: string }[];
  /** The entry of the monitor to report to. */
  readonly monitor?: Draft | undefined;
  /** Path of a send_nsca.cfg with the monitor's secret. */
  readonly sendNscaConfig?: string | undefined;
}

/** The example: a file in a checkout, an asset in the built executable. */
export function exampleText(): string {
  if (isSea()) return getAsset(NAME, 'utf8');
  return readFileSync(new URL(`../../${NAME}`, import.meta.url), 'utf8');
}

/** The example with these values. @throws Error if the example has no place for one of them */
export function fillExample(example: string, { host, sources, monitor, sendNscaConfig }: Filling) {
  let text = example;
  const put = (place: RegExp, line: string) => {
    if (!place.test(text)) throw new Error(`${NAME} has no ${place.source} to fill in`);
    text = text.replace(place, () => line);
  };
  put(/^#host: .*$/m, `host: ${quoted(host)}`);
  put(
    /^(?: {2}- file: .*\n)+/m,
    sourceLines(sources)
      .map((line) => `${line}\n`)
      .join(''),
  );
  if (monitor !== undefined && !text.includes(`\n  - ${monitor.kind}: `)) {
    put(ENTRY, monitorLines(monitor, sendNscaConfig));
    return text;
  }
  if (monitor !== undefined) {
    const { kind, place } = monitor;
    put(new RegExp(`^ {2}- ${kind}: .*$`, 'm'), `  - ${kind}: ${quoted(place)}`);
  }
  if (sendNscaConfig === undefined)
    for (const key of monitor?.keys ?? [])
      put(new RegExp(`^ {4}#?${key.key}: .*$`, 'm'), keyLine(key));
  else {
    put(/^ {4}encryption: .*$/m, '    #encryption: 3des');
    put(/^ {4}#sendNscaConfig: .*$/m, `    sendNscaConfig: ${quoted(sendNscaConfig)}`);
  }
  return text;
}

/** The entry of a monitor of another kind than the example's. */
function monitorLines({ kind, place, keys }: Draft, sendNscaConfig: string | undefined): string {
  const theirs = { key: 'sendNscaConfig', value: sendNscaConfig ?? '', missing: null };
  const lines = (sendNscaConfig === undefined ? keys : [theirs]).map((key) => `${keyLine(key)}\n`);
  return `  - ${kind}: ${quoted(place)}\n${lines.join('')}`;
}

function keyLine({ key, value, missing }: DraftKey): string {
  return `    ${key}: ${quoted(value)}${missing === null ? '' : `   # ${missing}`}`;
}

/** The entries of `sources`. */
export function sourceLines(sources: Filling['sources']): string[] {
  return sources.map(({ stream, remark }) => {
    const entry = stream === 'journal' ? 'journal: {}' : `file: ${quoted(stream)}`;
    return `  - ${entry}${remark === '' ? '' : `   # ${remark}`}`;
  });
}

/** A text as YAML: in quotes unless it is clearly a name or a path. */
function quoted(text: string): string {
  const plain = /^[a-z/][\w./-]*(?::\d+)?$/i.test(text) && !/^(?:true|false|null)$/i.test(text);
  return plain ? text : safeJson(text);
}
