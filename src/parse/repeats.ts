/**
 * "Last message repeated 3 times": lines of a logging daemon that represent repetitions of an
 * earlier line. A repeat refers to the last line of its own host. If that was a refusal, the repeat
 * counts; if the host has logged anything else since, it does not.
 */
import type { Denial } from './denial.ts';
import { cleanMessage, type Entry, type HeaderContext } from './entry.ts';
import { readHeader } from './header.ts';
import { readTime } from './time.ts';

/** rsyslog's $RepeatedMsgReduction: the line itself contains what is repeated. */
const REPEATED = /^message repeated ([1-9]\d{0,6}) times: \[ ?(.*)\]$/;
/** BSD's, GNU inetutils' and Solaris' syslogd, old FreeBSD's and Ubuntu's; macOS; HP-UX. */
const LAST =
  /^(?:<[\w.]{1,20}> )?(?:(\S{1,255}) )??(?:r?syslogd(?:\[\d{1,10}\])?: )?(?:--- )?(?:last message repeated|above message repeats) ([1-9]\d{0,6}) times?(?: ---)?$/;
/** syslog-ng's suppress(); it contains only the first words of the message. */
const SUPPRESSED =
  /^Last message '.*' repeated ([1-9]\d{0,6}) times, suppressed by syslog-ng on \S+$/;

/** A message, and how many times it was logged. */
export function unrepeated(message: string): { message: string; count: number } {
  const m = message.startsWith('message repeated ') ? REPEATED.exec(message) : null;
  return m === null ? { message, count: 1 } : { message: m[2]!, count: Number(m[1]) };
}

/** A repeat of another line. */
export interface Repeat {
  /** ms since 1970, null where the line has no time. */
  readonly at: number | null;
  /** The host whose last line it repeats; null where the line does not name it. */
  readonly host: string | null;
  /** The program whose line it repeats; null where only the host is named. */
  readonly program: string | null;
  readonly count: number;
}

/** A line as a repeat; null where it is not one. `entry` is its header as read. */
export function readRepeat(
  line: string,
  entry: Entry | null,
  { dating }: HeaderContext,
): Repeat | null {
  if (entry?.tag != null) {
    const suppressed = SUPPRESSED.exec(cleanMessage(entry.message));
    if (suppressed !== null) {
      const { at, host, tag } = entry;
      return { at, host, program: tag, count: Number(suppressed[1]) };
    }
  }
  const text = cleanMessage(line).replace(/^<\d{1,3}>/, '');
  const stamp = readTime(text, 0, dating);
  const m = LAST.exec(text.slice(stamp?.end ?? 0));
  if (m === null) return null;
  return { at: stamp?.at ?? null, host: m[1] ?? null, program: null, count: Number(m[2]) };
}

/** Most hosts whose last line is remembered, and how far back in a log, bytes. */
const HOSTS = 16;
const BACK = 1_048_576;
const NEWLINE = 10;

/** A refusal that is the last line of its host. */
export interface LastLine {
  readonly denial: Denial;
  /** Bytes of other hosts' lines since then, in the blocks that were read. */
  readonly passed: number;
}

interface Last {
  readonly denial: Denial;
  passed: number;
  /** Where in the current block the lines begin that were not looked at. */
  next: number;
}

/** Which refusals of one stream are the last line of their hosts. */
export class LastLines {
  /** The newest comes last. */
  #lasts: Last[] = [];

  /** @param saved what `rest` returned before a restart */
  constructor(saved: readonly LastLine[] = []) {
    this.#lasts = saved.map((last) => ({ ...last, next: 0 }));
  }

  /** The state to go on with in the next block. */
  rest(): LastLine[] {
    return this.#lasts.map(({ denial, passed }) => ({ denial, passed }));
  }

  /** A refusal was read, and the next line begins at `next`. */
  add(denial: Denial, next: number): void {
    const last = { denial, next, passed: 0 };
    if (this.#lasts.at(-1)?.denial.host === denial.host) {
      this.#lasts[this.#lasts.length - 1] = last;
      return;
    }
    this.#lasts = this.#lasts.filter((each) => each.denial.host !== denial.host);
    this.#lasts.push(last);
    if (this.#lasts.length > HOSTS) this.#lasts.shift();
  }

  /** The refusal that a repeat refers to, if any. */
  of(repeat: Repeat, block: Block, { start, end }: { start: number; end: number }): Denial | null {
    const found = this.#lasts.findLast(({ denial, next, passed }) =>
      repeat.host === null ? next === start && passed === 0 : denial.host === repeat.host,
    );
    if (found === undefined || !this.#isStill(found, block, start)) return null;
    if (repeat.program !== null && repeat.program !== found.denial.program) {
      this.#forget(found);
      return null;
    }
    found.next = end + 1;
    found.passed = 0;
    return found.denial;
  }

  /** The block was read to its end. */
  endBlock(block: Block): void {
    const { length } = block.bytes;
    for (const last of this.#lasts) {
      const from = last.next;
      if (!this.#isStill(last, block, length)) continue;
      last.passed += Math.max(0, length - from);
      last.next = 0;
      if (last.passed > BACK) this.#forget(last);
    }
  }

  /** Whether the host has logged nothing else up to `end`. */
  #isStill(last: Last, { bytes, context }: Block, end: number): boolean {
    const { host } = last.denial;
    while (last.next < end) {
      // A host's line has its name after the time. Without a name every line may be this host's.
      const name = host === null ? last.next : bytes.indexOf(` ${host} `, last.next);
      if (name === -1 || name >= end) {
        last.next = end;
        return true;
      }
      const start = bytes.lastIndexOf(NEWLINE, name) + 1;
      const newline = bytes.indexOf(NEWLINE, name);
      const lineEnd = newline === -1 ? bytes.length : newline;
      const line = bytes.toString('utf8', Math.max(start, last.next), lineEnd);
      if (host === null || isOf(host, line, context)) {
        this.#forget(last);
        return false;
      }
      last.next = lineEnd + 1;
    }
    return true;
  }

  #forget(gone: Last): void {
    this.#lasts = this.#lasts.filter((last) => last !== gone);
  }
}

/** The current block. */
export interface Block {
  readonly bytes: Buffer;
  readonly context: HeaderContext;
}

function isOf(host: string, line: string, context: HeaderContext): boolean {
  const entry = readHeader(line.slice(0, 4096), context);
  // A line without a tag that begins with time and host also belongs to the host.
  return entry === null || entry.tag === null ? true : entry.host === host;
}
