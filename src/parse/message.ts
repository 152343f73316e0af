/**
 * Reads a message by the table of formats. Where a line can be read in two ways, these rules
 * decide:
 * - A line cut inside its message is not a refusal: what is left may name another client.
 * - A site's own line about a refusal (`spawn (logger …)`) is not one: libwrap's own line reports
 *   it.
 * - A line of text that a local user forged with logger(1) reads as a refusal: nothing in it shows
 *   that it is forged.
 * - Two lines for one connection (xinetd, and what a unit's standard error repeats) are both
 *   returned, under the names of two formats.
 */
import { addressOf } from '../text/address.ts';
import { daemonOfTag } from './daemon.ts';
import { cleanMessage, type Entry, type OwnLine } from './entry.ts';
import type { Format } from './format.ts';
import { FORMATS } from './formats.ts';
import { copied } from './names.ts';

/** What a row found in a message. */
export interface Reading {
  readonly format: string;
  readonly daemon: string;
  readonly client: string | null;
  readonly address: string | null;
  readonly user: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  /** The syslog tag. */
  readonly program: string | null;
  /** The message, rather than the tag, names the daemon. */
  readonly named: boolean;
}

/** Tags of programs that never ask libwrap, but print what others (or users) send. */
const NEVER =
  /^(?:kernel|sudo|su|doas|pkexec|polkitd|crond?|anacron|atd|systemd|systemd-\w+|audit|audisp\S*|rsyslogd?|syslogd|nologin)$/i;
/** What follows the time in stunnel's own log file. */
const NO_TAG = /^LOG\d(?:\[|$)/;
/** libwrap's messages are bounded by its buffers; a twist's command is the longest, 8 KiB. */
const LONGEST = 10_000;

/** The groups that patterns name: see `Format`. */
const GROUPS = ['client', 'peer', 'address', 'user', 'daemon', 'service', 'pid'] as const;
type Group = (typeof GROUPS)[number];

/** A format whose groups have numbers: for each match, names would make one more object. */
interface Row extends Format {
  /** The number of each group; 0 where the pattern has none of this name. */
  readonly groups: Readonly<Record<Group, number>>;
}

const ROWS = FORMATS.map(numbered);
const SYSLOG = ROWS.filter((format) => format.own === undefined);
const OWN = ROWS.filter((format) => format.own !== undefined);
/** The rows for the tags that were read: there are few, and most rows name the tags they are for. */
const ROWS_OF = new Map<string, readonly Row[]>();
/** Most tags of which this is kept. */
const TAGS = 64;

function numbered(format: Format): Row {
  const { source, flags } = format.pattern;
  // Every group that captures has a name, so their order gives their numbers.
  const names = Array.from(source.matchAll(/\(\?<(\w+)>/g), ([, name]) => name);
  const number = (group: Group) => [group, names.indexOf(group) + 1] as const;
  return {
    ...format,
    pattern: new RegExp(source.replaceAll(/\(\?<\w+>/g, '('), flags),
    groups: Object.fromEntries(GROUPS.map(number)) as Row['groups'],
  };
}

/**
 * What a log entry reports of a refusal; null where it is not one.
 * @param message the entry's message, or the one that it repeats
 */
export function readMessage(entry: Entry, message: string): Reading | null {
  const { tag, own } = entry;
  const tagged = tag === null ? null : readSyslog(entry, tag, message);
  return tagged ?? (own === null ? null : readOwn(own));
}

function readSyslog(entry: Entry, tag: string, message: string): Reading | null {
  const text = cleanMessage(message);
  if (text.length > LONGEST) return null;
  for (const format of rowsFor(tag)) {
    const m = format.pattern.exec(text);
    if (m !== null) return taggedReading(format, m, entry, tag);
  }
  return null;
}

/** The rows that apply to a tag. */
function rowsFor(tag: string): readonly Row[] {
  const known = ROWS_OF.get(tag);
  if (known !== undefined) return known;
  const rows = NO_TAG.test(tag) ? [] : SYSLOG.filter((format) => applies(format, tag));
  if (ROWS_OF.size === TAGS) ROWS_OF.clear();
  ROWS_OF.set(copied(tag), rows);
  return rows;
}

function applies({ tag: form }: Row, tag: string): boolean {
  return form === undefined ? !NEVER.test(tag) : form.test(tag);
}

function readOwn({ host, message }: OwnLine): Reading | null {
  const text = cleanMessage(message);
  if (text.length > LONGEST) return null;
  for (const format of OWN) {
    const m = format.pattern.exec(text);
    if (m !== null) return ownReading(format, m, host);
  }
  return null;
}

function ownReading(format: Row, match: RegExpExecArray, host: string | null): Reading {
  const pid = part(match, format.groups.pid);
  return {
    format: format.name,
    daemon: daemonIn(format, match) ?? format.as ?? format.name,
    ...who(format, match),
    host,
    pid: pid === undefined ? null : Number(pid),
    program: null,
    named: false,
  };
}

function taggedReading(format: Row, match: RegExpExecArray, entry: Entry, tag: string): Reading {
  const { host, pid, stderr } = entry;
  const daemon = daemonIn(format, match);
  const { client, address, user } = who(format, match);
  return {
    format: stderr === true ? (format.stderr ?? format.name) : format.name,
    daemon: daemon ?? format.as ?? daemonOfTag(tag),
    client,
    address,
    user,
    host,
    pid,
    program: tag,
    named: daemon !== undefined,
  };
}

/** @param group the number of a group, 0 where the pattern has none */
function part(match: RegExpExecArray, group: number): string | undefined {
  return group === 0 ? undefined : match[group];
}

function daemonIn({ groups }: Row, match: RegExpExecArray): string | undefined {
  return part(match, groups.daemon) ?? part(match, groups.service);
}

function who(
  { groups }: Row,
  match: RegExpExecArray,
): Pick<Reading, 'client' | 'address' | 'user'> {
  const client = part(match, groups.client);
  const address = part(match, groups.address);
  const logged = client === undefined ? withoutPort(part(match, groups.peer)) : unwrapped(client);
  // In place of an address libwrap may print `unknown`, which is then what was logged.
  const where = address === undefined ? null : (addressOf(address) ?? address);
  return {
    client: logged ?? address ?? null,
    address: where ?? (logged === undefined ? null : addressOf(logged)),
    user: part(match, groups.user) || null,
  };
}

/** `192.0.2.7:40001`, `[2001:db8::7]:40001`, and stunnel's `2001:db8::7:40001`. */
function withoutPort(peer: string | undefined): string | undefined {
  if (peer === undefined) return undefined;
  const host = peer.slice(0, peer.lastIndexOf(':'));
  if (!/^\d{1,5}$/.test(peer.slice(host.length + 1)) || host === '') return unwrapped(peer);
  // In an IPv6 address without a port the last group is not a port.
  if (host.includes(':') && addressOf(peer) !== null && addressOf(unwrapped(host)) === null)
    return peer;
  return unwrapped(host);
}

/** The address of one in brackets, with or without a port; any other text unchanged. */
function unwrapped(client: string): string {
  if (!client.startsWith('[')) return client;
  const inside = /^\[([^[\]]+)\](?::\d{1,5})?$/.exec(client)?.[1];
  return inside !== undefined && addressOf(inside) !== null ? inside : client;
}
