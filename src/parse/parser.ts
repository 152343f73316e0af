/** From blocks of log lines to denials. */
import type { Lines } from '../source/source.ts';
import type { Denial } from './denial.ts';
import { readMessage } from './message.ts';
import { cleanMessage, readHeader, type Entry } from './header.ts';
import { readRecord } from './record.ts';
import { scan } from './search.ts';
import { datingBy, readTime, type Dating } from './time.ts';
import { UnseenReader, type Unseen } from './unseen.ts';

/** Where in the block a denial's line was. */
export interface Where {
  /** Byte offsets of the line in the block, without its newline. */
  readonly start: number;
  readonly end: number;
  /** The line's header told a time: `at` is from there. */
  readonly dated: boolean;
}

/** What must be kept of a stream between two blocks and over a restart, as JSON; null nearly always. */
export type Carry = {
  /** The refusal in its last line, which the next line may repeat. */
  readonly denial: Denial | null;
  /** Connections that sshd's throttling, which goes on, has dropped so far: see `UnseenReader`. */
  readonly throttling: Readonly<Record<string, number>>;
} | null;

/** Takes what is found in a block, in the order of its lines. */
export interface Consumer {
  denial(denial: Denial, where: Where): void;
  /** A line that reads as a denial but was not sent by who it says, with the reason. */
  forged?(denial: Denial, where: Where, reason: string): void;
  unseen?(unseen: Unseen, where: Where): void;
}

export interface Parser {
  /** Reads a block of whole lines, in the order of its stream. */
  read(lines: Pick<Lines, 'stream' | 'bytes'>, consumer: Consumer): void;
  /** What to keep with the stream's position, after `read`. */
  carry(stream: string): Carry;
  /** Goes on with what was kept. */
  restore(stream: string, carry: Carry): void;
}

/** Longest line that is read: a journal record with its message as an array of bytes is longest. */
const LONGEST = 65_536;

/** How far the times of a log may go back, ms: it may have the lines of several hosts. */
const BACK = 60_000;

/** rsyslog's $RepeatedMsgReduction. */
const REPEATED = /^message repeated ([1-9]\d{0,6}) times: \[ ?(.*)\]$/;
/** syslogd's of BSD and GNU inetutils, after the time; it has no tag, and the host may lack. */
const LAST_REPEATED =
  /^(?:<[\w.]{1,20}> )?(?:\S{1,255} )?last message repeated ([1-9]\d{0,6}) times?$/;
/** syslog-ng's suppress(); it tells only the first words of the message. */
const SUPPRESSED =
  /^Last message '.*' repeated ([1-9]\d{0,6}) times, suppressed by syslog-ng on \S+$/;

/** A line taken apart: its messages (a JSON record may have several), and who is not its sender. */
interface Parts {
  readonly entries: readonly Entry[];
  readonly forged: string | null;
}

/** A line, read. */
interface Line {
  readonly denial: Denial;
  readonly dated: boolean;
  readonly forged: string | null;
}

/**
 * Reads one line, without the lines before it; null where it is no refusal.
 * @param dating for what its time leaves out; a line without a time is of now
 */
export function readLine(line: string, dating: Dating): Line | null {
  return readParts(takeApart(line, dating), dating.now);
}

function takeApart(line: string, dating: Dating): Parts {
  if (line.startsWith('{')) return readRecord(line, dating) ?? NOTHING;
  const entry = readHeader(line, dating);
  return entry === null ? NOTHING : { entries: [entry], forged: null };
}

const NOTHING: Parts = { entries: [], forged: null };

function readParts({ entries, forged }: Parts, now: number): Line | null {
  for (const entry of entries) {
    const denial = readEntry(entry, now);
    if (denial !== null) return { denial, dated: entry.at !== null, forged };
  }
  return null;
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

/** What is known of a stream from the lines that were read. */
interface Known {
  last: Denial | undefined;
  readonly unseen: UnseenReader;
}

export interface ParserOptions {
  /** How times are read in the next block of a stream: by default in this machine's zone. */
  readonly dating?: (stream: string) => Dating;
}

/** Makes a parser. It keeps next to nothing of a stream. */
export function createParser({ dating = () => datingBy(Date.now()) }: ParserOptions = {}): Parser {
  const streams = new Map<string, Known>();

  function known(stream: string): Known {
    let its = streams.get(stream);
    if (its === undefined)
      streams.set(stream, (its = { last: undefined, unseen: new UnseenReader() }));
    return its;
  }

  return {
    read({ stream, bytes }, consumer) {
      readBlock(bytes, known(stream), dating(stream), consumer);
    },
    carry(stream) {
      const its = streams.get(stream);
      const carry = { denial: its?.last ?? null, throttling: its?.unseen.throttling() ?? {} };
      return carry.denial === null && Object.keys(carry.throttling).length === 0 ? null : carry;
    },
    restore(stream, carry) {
      const unseen = new UnseenReader(carry?.throttling);
      streams.set(stream, { last: carry?.denial ?? undefined, unseen });
    },
  };
}

function readBlock(bytes: Buffer, known: Known, given: Dating, consumer: Consumer): void {
  /** Where the line after the last denial begins. */
  let next = 0;
  let dating = given;
  let before = -Infinity;
  scan(bytes, (start, end) => {
    let from = start;
    // A log that was truncated while its writer went on begins with a hole.
    while (bytes[from] === 0) from++;
    if (end - from > LONGEST) return;
    const line = bytes.toString('utf8', from, end);
    const { now } = dating;
    const parts = takeApart(line, dating);
    const found =
      readParts(parts, now) ?? (start === next ? again(line, known.last, dating) : null);
    if (found === null) {
      const unseen = parts.forged === null ? known.unseen.readAny(parts.entries, now) : null;
      if (unseen !== null) consumer.unseen?.(unseen, { start, end, dated: unseen.at !== now });
      return;
    }
    const where = { start, end, dated: found.dated };
    if (found.forged !== null) return consumer.forged?.(found.denial, where, found.forged);
    consumer.denial(found.denial, where);
    known.last = found.denial;
    next = end + 1;
    // A log goes forward; one line that is ahead of the others does not move it.
    const passed = Math.min(before, found.denial.at) - BACK;
    if (passed > dating.after) dating = { ...dating, after: passed };
    before = found.denial.at;
  });
  if (next < bytes.length) known.last = undefined;
}

/** A line that says how often the denial in the line before it came again. */
function again(line: string, last: Denial | undefined, dating: Dating): Line | null {
  if (last === undefined) return null;
  const text = cleanMessage(line).replace(/^<\d{1,3}>/, '');
  const entry = readHeader(text, dating);
  if (entry !== null && entry.tag !== last.program) return null;
  const stamp = readTime(text, 0, dating);
  const m =
    entry === null
      ? LAST_REPEATED.exec(text.slice(stamp?.end ?? 0))
      : SUPPRESSED.exec(cleanMessage(entry.message));
  if (m === null) return null;
  const at = stamp?.at ?? entry?.at ?? null;
  const denial = { ...last, at: at ?? dating.now, count: Number(m[1]) };
  return { denial, dated: at !== null, forged: null };
}
