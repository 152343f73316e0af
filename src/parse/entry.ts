/** A log line split into its parts: the fields of the header, and the message. */
import type { Dating } from './time.ts';

export interface Entry {
  /** Milliseconds since 1970, null where the header has no time. */
  readonly at: number | null;
  readonly host: string | null;
  /** The syslog tag; null where the line has none. */
  readonly tag: string | null;
  readonly pid: number | null;
  readonly message: string;
  /**
   * The text after the time, where the line may be one of a program's own log file; otherwise null.
   */
  readonly own: OwnLine | null;
  /** The program wrote it to its standard output or error, which the journal recorded. */
  readonly stderr?: boolean;
  /** Whether the program logged its pid, which the journal has in any case: see `Denial`. */
  readonly isPidLogged?: boolean;
}

/** A line of a program's own log file, which names no program: everything after the time. */
export interface OwnLine {
  readonly host: string | null;
  readonly message: string;
}

/** What is needed to read a header. */
export interface HeaderContext {
  readonly dating: Dating;
  /**
   * Whether a host relays the lines of others. Where a line has two headers, its host and time are
   * those of the outer one, unless that names such a host.
   */
  readonly isRelay: (host: string) => boolean;
}

/** For a log without relayed lines. */
export const noRelay: HeaderContext['isRelay'] = () => false;

/** Decides which of a line's two headers shows when and where it was logged. */
export function nested(
  outer: Pick<Entry, 'at' | 'host'>,
  inner: Entry,
  { isRelay }: HeaderContext,
): Entry {
  const { host } = outer;
  if (host === null) return { ...inner, at: outer.at ?? inner.at, own: null };
  if (!isRelay(host)) return { ...inner, ...outer, own: null };
  return { ...inner, at: inner.at ?? outer.at, host: inner.host ?? host, own: null };
}

/** What a message may end with: control characters as rsyslog and others write them. */
const ESCAPED_ENDS = ['#015', '#012', '#000', '\\r', '\\015', '^M'];
/** The last characters of these: hardly any message ends in one. */
const ESCAPED_LAST = new Set(ESCAPED_ENDS.map((end) => end.charCodeAt(end.length - 1)));
/** Solaris' message ID, between tag and message. */
const SOLARIS_ID = /^\[ID \d{1,10} \w{1,20}\.\w{1,20}\] /;

/** The message without its surroundings: blanks, carriage return, NUL, BOM, Solaris' ID. */
export function cleanMessage(message: string): string {
  let start = 0;
  while (start < message.length && isEdge(message.charCodeAt(start))) start++;
  const text = message.slice(start, endOf(message, start));
  const id = text.startsWith('[ID ') ? SOLARIS_ID.exec(text) : null;
  return id === null ? text : text.slice(id[0].length);
}

function endOf(message: string, start: number): number {
  let end = message.length;
  for (;;) {
    while (end > start && isEdge(message.charCodeAt(end - 1))) end--;
    if (!ESCAPED_LAST.has(message.charCodeAt(end - 1))) return end;
    const escaped = ESCAPED_ENDS.find((each) => message.endsWith(each, end));
    if (escaped === undefined) return end;
    end = Math.max(start, end - escaped.length);
  }
}

function isEdge(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13) || code === 0 || code === 0xfeff;
}

/** The program of a tag is the last part of its path; a path without one names no program. */
export function baseName(tag: string): string {
  return tag.startsWith('/') ? tag.slice(tag.lastIndexOf('/') + 1) || tag : tag;
}
