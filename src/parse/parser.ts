/** From blocks of log lines to denials. */
import type { Lines } from '../source/source.ts';
import type { Denial } from './denial.ts';
import { readMessage } from './message.ts';
import { cleanMessage, readHeader, type Entry } from './header.ts';
import { readRecord } from './record.ts';
import { scan } from './search.ts';
import { readTime } from './time.ts';

/** Where in the block a denial's line was. */
export interface Where {
  /** Byte offsets of the line in the block, without its newline. */
  readonly start: number;
  readonly end: number;
  /** The line's header told a time: `at` is from there. */
  readonly dated: boolean;
}

/**
 * What must be kept of a stream between two blocks and over a restart, as JSON: the denial in its
 * last line, which the next line may repeat. Null nearly always.
 */
export type Carry = Denial | null;

export type Emit = (denial: Denial, where: Where) => void;
/** Told of a line that reads as a denial but was not sent by who it says, with the reason. */
export type Suspect = (denial: Denial, where: Where, reason: string) => void;

export interface Parser {
  /** Reads a block of whole lines, in the order of its stream. */
  read(lines: Pick<Lines, 'stream' | 'bytes'>, emit: Emit, suspect?: Suspect): void;
  /** What to keep with the stream's position, after `read`. */
  carry(stream: string): Carry;
  /** Goes on with what was kept. */
  restore(stream: string, carry: Carry): void;
}

/** Longest line that is read: a journal record with its message as an array of bytes is longest. */
const LONGEST = 65_536;

/** rsyslog's $RepeatedMsgReduction. */
const REPEATED = /^message repeated ([1-9]\d{0,6}) times: \[ ?(.*)\]$/;
/** syslogd's of BSD and GNU inetutils, after the time; it has no tag, and the host may lack. */
const LAST_REPEATED =
  /^(?:<[\w.]{1,20}> )?(?:\S{1,255} )?last message repeated ([1-9]\d{0,6}) times?$/;
/** syslog-ng's suppress(); it tells only the first words of the message. */
const SUPPRESSED =
  /^Last message '.*' repeated ([1-9]\d{0,6}) times, suppressed by syslog-ng on \S+$/;

/** A line, read. */
interface Line {
  readonly denial: Denial;
  readonly dated: boolean;
  readonly forged: string | null;
}

/**
 * Reads one line, without the lines before it; null where it is no refusal.
 * @param now ms since 1970: for years that are not told, and for lines without a time
 */
export function readLine(line: string, now: number): Line | null {
  if (line.startsWith('{')) {
    const record = readRecord(line, now);
    for (const entry of record?.entries ?? []) {
      const denial = readEntry(entry, now);
      if (denial !== null) return { denial, dated: entry.at !== null, forged: record!.forged };
    }
    return null;
  }
  const entry = readHeader(line, now);
  const denial = entry === null ? null : readEntry(entry, now);
  return denial === null ? null : { denial, dated: entry!.at !== null, forged: null };
}

function readEntry(entry: Entry, now: number): Denial | null {
  let message = cleanMessage(entry.message);
  const repeated = message.startsWith('message repeated ') ? REPEATED.exec(message) : null;
  if (repeated !== null) message = repeated[2]!;
  const reading = readMessage(entry, message);
  if (reading === null) return null;
  return {
    at: entry.at ?? now,
    host: entry.host,
    pid: entry.pid,
    program: entry.tag,
    count: repeated === null ? 1 : Number(repeated[1]),
    ...reading,
  };
}

/** Makes a parser. It keeps one denial a stream at most. */
export function createParser(options: { readonly now?: () => number } = {}): Parser {
  const now = options.now ?? Date.now;
  const carried = new Map<string, Denial>();

  function read({ stream, bytes }: Pick<Lines, 'stream' | 'bytes'>, emit: Emit, suspect?: Suspect) {
    const time = now();
    let last = carried.get(stream);
    /** Where the line after the last denial begins. */
    let next = 0;
    scan(bytes, (start, end) => {
      let from = start;
      // A log that was truncated while its writer went on begins with a hole.
      while (bytes[from] === 0) from++;
      if (end - from > LONGEST) return;
      const line = bytes.toString('utf8', from, end);
      const found = readLine(line, time) ?? (start === next ? again(line, last, time) : null);
      if (found === null) return;
      const where = { start, end, dated: found.dated };
      if (found.forged !== null) return suspect?.(found.denial, where, found.forged);
      emit(found.denial, where);
      last = found.denial;
      next = end + 1;
    });
    if (last !== undefined && next >= bytes.length) carried.set(stream, last);
    else carried.delete(stream);
  }

  return {
    read,
    carry: (stream) => carried.get(stream) ?? null,
    restore(stream, carry) {
      if (carry === null) carried.delete(stream);
      else carried.set(stream, carry);
    },
  };
}

/** A line that says how often the denial in the line before it came again. */
function again(line: string, last: Denial | undefined, now: number): Line | null {
  if (last === undefined) return null;
  const text = cleanMessage(line).replace(/^<\d{1,3}>/, '');
  const entry = readHeader(text, now);
  if (entry !== null && entry.tag !== last.program) return null;
  const stamp = readTime(text, 0, now);
  const m =
    entry === null
      ? LAST_REPEATED.exec(text.slice(stamp?.end ?? 0))
      : SUPPRESSED.exec(cleanMessage(entry.message));
  if (m === null) return null;
  const at = stamp?.at ?? entry?.at ?? null;
  const denial = { ...last, at: at ?? now, count: Number(m[1]) };
  return { denial, dated: at !== null, forged: null };
}
