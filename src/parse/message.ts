/**
 * Reads a message by the table of formats. Where a line can be read in two ways, this is decided:
 * - A line cut inside its message is no refusal: what is left may name another client.
 * - A site's own line about a refusal (`spawn (logger …)`) is none: libwrap's own line tells it.
 * - A line of text that a local user forged with logger(1) reads as a refusal: nothing in it tells.
 * - xinetd's two lines for one connection are both given, as `xinetd` and `xinetd-fail`.
 */
import { addressOf, foldMapped } from './address.ts';
import { FORMATS, type Format } from './formats.ts';
import { baseName, cleanMessage, type Entry } from './header.ts';

/** What a row read in a message. */
export interface Reading {
  readonly format: string;
  readonly daemon: string;
  readonly client: string | null;
  readonly address: string | null;
  readonly user: string | null;
}

/** Tags of programs that never ask libwrap, but print what others (or users) say. */
const NEVER =
  /^(?:kernel|sudo|su|doas|pkexec|polkitd|crond?|anacron|atd|systemd|systemd-\w+|audit|auditd|audisp\S*|rsyslogd?|syslogd|syslog-ng|nologin)$/i;
/** libwrap's messages are bounded by its buffers; a twist's command is the longest, 8 KiB. */
const LONGEST = 10_000;

/** What a log entry's message says of a refusal; null where it is none. */
export function readMessage(entry: Entry, text: string): Reading | null {
  const message = cleanMessage(text);
  if (message.length > LONGEST) return null;
  const { tag, own } = entry;
  if (tag === null && own === null) return null;
  for (const format of FORMATS) {
    if ((format.own ?? null) !== own) continue;
    if (tag !== null) {
      if (format.tag === undefined ? NEVER.test(tag) : !format.tag.test(tag)) continue;
    }
    const groups = format.pattern.exec(message);
    if (groups !== null) return reading(format, groups.groups ?? {}, tag);
  }
  return null;
}

type Groups = Readonly<Record<string, string | undefined>>;

function reading(format: Format, groups: Groups, tag: string | null): Reading {
  const told = groups['client'] ?? withoutPort(groups['peer']) ?? groups['address'] ?? null;
  // In the place of an address libwrap may print `unknown`, which is then what was logged.
  const address =
    groups['address'] === undefined ? told && addressOf(told) : foldMapped(groups['address']);
  return {
    format: format.name,
    daemon: groups['daemon'] ?? groups['service'] ?? format.as ?? baseName(tag ?? ''),
    client: told,
    address,
    user: groups['user'] || null,
  };
}

/** `192.0.2.7:40001`, `[2001:db8::7]:40001`, and stunnel's `2001:db8::7:40001`. */
function withoutPort(peer: string | undefined): string | undefined {
  if (peer === undefined) return undefined;
  const host = peer.slice(0, peer.lastIndexOf(':'));
  if (!/^\d{1,5}$/.test(peer.slice(host.length + 1)) || host === '') return peer;
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
