/** From blocks of log lines to denials. */
import type { Lines } from '../source/source.ts';
import type { Denial } from './denial.ts';
import { readMessage } from './message.ts';
import { cleanMessage, noRelay, type Entry, type HeaderContext } from './entry.ts';
import { readHeader } from './header.ts';
import { LineTexts } from './line-texts.ts';
import { Names } from './names.ts';
import { readRecord } from './record.ts';
import { LastLines, type LastLine, readRepeat, unrepeated } from './repeats.ts';
import { scan, type Search } from './search.ts';
import { forgery, type Sender } from './sender.ts';
import { datingBy, type Dating } from './time.ts';
import { UnseenReader, type Unseen } from './unseen.ts';

/** A denial's line, and where in the block it was. */
export interface Where {
  /** Byte offsets of the line in the block, without its newline. */
  readonly start: number;
  readonly end: number;
  /** The line's header has a time: `at` is from there. */
  readonly dated: boolean;
}

/**
 * What must be kept of a stream between two blocks and across a restart, as JSON; nearly always
 * null.
 */
export type Carry = {
  /** Refusals that are the last line of their hosts, which a later line may repeat. */
  readonly lastLines: readonly LastLine[];
  /** Connections that sshd's current throttling has dropped so far: see `UnseenReader`. */
  readonly throttling: Readonly<Record<string, number>>;
} | null;

/** Receives what is found in a block, in the order of its lines. */
export interface Consumer {
  denial(denial: Denial, where: Where): void;
  /** A line that reads as a denial but was not sent by the program it names, with the reason. */
  forged?(denial: Denial, where: Where, reason: string): void;
  unseen?(unseen: Unseen, where: Where): void;
}

/** The parts of a source's block that are read. */
type Block = Pick<Lines, 'stream' | 'bytes'>;

/**
 * Longest line that is read: the longest are journal records with the message as an array of bytes.
 */
const LONGEST = 65_536;

/** A byte order mark, at the beginning of a log. */
const MARK = '\ufeff';
/** How far the times of a log may go back, ms: it may have the lines of several hosts. */
const BACK = 60_000;

/**
 * A line split into its parts: its messages (a JSON record may have several), and its sender where
 * known.
 */
interface Parts {
  readonly entries: readonly Entry[];
  readonly sender: Sender | null;
  readonly isRecord: boolean;
}

/** A line that was read. */
interface Line {
  readonly denial: Denial;
  readonly dated: boolean;
  readonly forged: string | null;
}

/**
 * Reads one line, without the lines before it; null where it is not a refusal.
 * @param dating for what its time leaves out; a line without a time is dated now
 */
export function readLine(line: string, dating: Dating, isRelay = noRelay): Line | null {
  return readParts(takeApart(line, { dating, isRelay }), dating.now, new Names());
}

function takeApart(line: string, context: HeaderContext): Parts {
  const text = line.startsWith(MARK) ? line.slice(1) : line;
  if (text.startsWith('{')) return { ...(readRecord(text, context) ?? NOTHING), isRecord: true };
  const entry = readHeader(text, context);
  return entry === null ? NOTHING : { entries: [entry], sender: null, isRecord: false };
}

const NOTHING: Parts = { entries: [], sender: null, isRecord: false };

/** The names of the denial are copied, so that they do not keep the block in memory. */
function readParts({ entries, sender }: Parts, now: number, names: Names): Line | null {
  for (const entry of entries) {
    const { message, count } = unrepeated(cleanMessage(entry.message));
    const reading = readMessage(entry, message);
    if (reading === null) continue;
    // Field by field, because this is done for each line of a flood.
    const denial = {
      at: entry.at ?? now,
      host: names.keep(reading.host),
      pid: reading.pid,
      program: names.keep(reading.program),
      count,
      format: reading.format,
      daemon: names.keep(reading.daemon),
      client: names.keep(reading.client),
      address: names.keep(reading.address),
      user: names.keep(reading.user),
    };
    return {
      denial: entry.isPidLogged === false ? { ...denial, isPidLogged: false } : denial,
      dated: entry.at !== null,
      forged: sender && forgery(sender, reading.named),
    };
  }
  return null;
}

/** What the lines read so far show of a stream. */
interface Known {
  readonly lasts: LastLines;
  readonly unseen: UnseenReader;
}

export interface ParserOptions {
  /** How times are read in the next block of a stream: by default in this machine's zone. */
  readonly dating?: (stream: string) => Dating;
  /** Which hosts relay the lines of others to a stream: by default none. */
  readonly isRelayOf?: (stream: string) => (host: string) => boolean;
  /** Finds the lines that are read, which must be all that report a refusal. */
  readonly search?: Search;
}

/** Reads the blocks of any number of streams. It keeps almost nothing of each. */
export class Parser {
  readonly #contextOf: (stream: string) => HeaderContext;
  readonly #search: Search;
  readonly #streams = new Map<string, Known>();
  readonly #names = new Names();

  constructor({
    dating = () => datingBy(Date.now()),
    isRelayOf = () => noRelay,
    search = scan,
  }: ParserOptions = {}) {
    this.#search = search;
    this.#contextOf = (stream) => ({ dating: dating(stream), isRelay: isRelayOf(stream) });
  }

  /** How many names were cut. */
  get namesCut(): number {
    return this.#names.cut;
  }

  /** Reads a block of whole lines, in the order of its stream. */
  read({ stream, bytes }: Block, consumer: Consumer): void {
    const context = this.#contextOf(stream);
    const reader = new BlockReader(bytes, context, this.#known(stream), this.#names);
    reader.read(this.#search, consumer);
  }

  /** What to store with the stream's position, after `read`. */
  carry(stream: string): Carry {
    const { lasts, unseen } = this.#known(stream);
    const carry = { lastLines: lasts.rest(), throttling: unseen.throttling() };
    const isEmpty = carry.lastLines.length === 0 && Object.keys(carry.throttling).length === 0;
    return isEmpty ? null : carry;
  }

  /** Continues with what was stored. */
  restore(stream: string, carry: Carry): void {
    const lasts = new LastLines(carry?.lastLines);
    this.#streams.set(stream, { lasts, unseen: new UnseenReader(carry?.throttling) });
  }

  /** Keeps nothing of a stream. */
  forget(stream: string): void {
    this.#streams.delete(stream);
  }

  #known(stream: string): Known {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    this.restore(stream, null);
    return this.#streams.get(stream)!;
  }
}

/** One block while it is read. */
class BlockReader {
  readonly #bytes: Buffer;
  readonly #texts: LineTexts;
  readonly #known: Known;
  readonly #names: Names;
  /** How its lines are read; `after` grows with them. */
  readonly #context: HeaderContext & { readonly dating: { after: number } };

  constructor(bytes: Buffer, { dating, isRelay }: HeaderContext, known: Known, names: Names) {
    this.#bytes = bytes;
    this.#texts = new LineTexts(bytes);
    this.#context = { dating: { ...dating }, isRelay };
    this.#known = known;
    this.#names = names;
  }

  read(search: Search, consumer: Consumer): void {
    search(this.#bytes, (start, end) => this.#readLine(start, end, consumer));
    this.#known.lasts.endBlock({ bytes: this.#bytes, context: this.#context });
  }

  #readLine(start: number, end: number, consumer: Consumer): void {
    let from = start;
    // A log that was truncated while its writer went on begins with a hole of NULs.
    while (this.#bytes[from] === 0) from++;
    if (end - from > LONGEST) return;
    const line = this.#texts.of(from, end);
    const parts = takeApart(line, this.#context);
    const found =
      readParts(parts, this.#context.dating.now, this.#names) ??
      this.#repeat(line, parts, start, end);
    if (found === null) return this.#readUnseen(parts, start, end, consumer);
    const { denial, dated, forged } = found;
    const where = { start, end, dated };
    if (forged !== null) return consumer.forged?.(denial, where, forged);
    consumer.denial(denial, where);
    if (!parts.isRecord) this.#known.lasts.add(denial, end + 1);
    // A log's time goes forward.
    const { dating } = this.#context;
    const passed = denial.at - BACK;
    if (passed > dating.after && passed <= dating.now) dating.after = passed;
  }

  /** A line that reports how often its host's last line, a denial, was repeated. */
  #repeat(line: string, { entries, isRecord }: Parts, start: number, end: number): Line | null {
    if (isRecord || !line.includes('repeat')) return null;
    const repeat = readRepeat(line, entries[0] ?? null, this.#context);
    if (repeat === null) return null;
    const block = { bytes: this.#bytes, context: this.#context };
    const last = this.#known.lasts.of(repeat, block, { start, end });
    if (last === null) return null;
    const { at, count } = repeat;
    const denial = { ...last, at: at ?? this.#context.dating.now, count };
    return { denial, dated: at !== null, forged: null };
  }

  #readUnseen({ entries, sender }: Parts, start: number, end: number, consumer: Consumer): void {
    if (sender !== null && forgery(sender, false) !== null) return;
    const { now } = this.#context.dating;
    const unseen = this.#known.unseen.readAny(entries, now);
    if (unseen === null) return;
    const names = {
      host: this.#names.keep(unseen.host),
      program: this.#names.keep(unseen.program),
    };
    consumer.unseen?.({ ...unseen, ...names }, { start, end, dated: unseen.at !== now });
  }
}
