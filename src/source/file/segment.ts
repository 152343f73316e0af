/** One file of a stream: what is known of it, how far it was read, and its state. */
import {
  ChangedError,
  PackedContent,
  PlainContent,
  blockOf,
  lastBlock,
  openContent,
  placeAt,
} from './content.ts';
import type { Block, Content, Place } from './content.ts';
import { MovedError, openSame, type FoundFile } from './found.ts';
import { BlockPace } from './block-pace.ts';
import type { State } from './segment-state.ts';
import { Succession, type Passed } from './succession.ts';
import { NO_PRINT, PRINT, printOf, type Identity, type Mark, type Print } from './position.ts';

const NOTHING = Buffer.alloc(0);
export class Segment {
  #state: State = { is: 'closed' };
  #id: Identity;
  #name: string;
  /** The largest size that it was seen to have, in bytes. */
  #size: number;
  #place: Place;
  #headPrint: Print = NO_PRINT;
  /** Its first bytes, where they are known and not only their fingerprint. */
  #head: Buffer = NOTHING;
  /** The beginning of a line at its end. */
  #rest: Buffer = NOTHING;
  #mark: Mark | null = null;
  /** A packed file that has its content, and may have more: looked at when its own is read. */
  #copy: PackedContent | null = null;
  /** Set while it may turn out to be a longer copy of the file that it replaced. */
  #succession: Succession | null = null;
  readonly #pace = new BlockPace();

  constructor(id: Identity, name: string, size: number, place: Place) {
    this.#id = id;
    this.#name = name;
    this.#size = size;
    this.#place = place;
  }

  /** A file that was not read before, to be read from `offset` on. */
  static begin(found: FoundFile, offset = 0): Segment {
    const place = placeAt(offset, found.before(offset));
    // The current file may have been truncated since it was listed: trust only what was read.
    const size = found.role === 'current' ? Math.max(offset, found.head().length) : found.size;
    const segment = new Segment(found.id, found.name, found.packed ? 0 : size, place);
    segment.#open(found);
    return segment;
  }

  /** A file as it was saved: not open until `moveTo`. */
  static saved(mark: Mark): Segment {
    const { offset, tail, size, done, head } = mark;
    const segment = new Segment(mark, mark.name, size, placeAt(offset, NOTHING, tail));
    if (done) segment.#state = { is: 'done' };
    segment.#headPrint = head;
    return segment;
  }

  get name(): string {
    return this.#name;
  }

  get size(): number {
    return this.#size;
  }

  get offset(): number {
    return this.#place.offset;
  }

  get state(): State['is'] {
    return this.#state.is;
  }

  get isDone(): boolean {
    return this.#state.is === 'done';
  }

  /** Whether more may come of it without its being found again. */
  get isLive(): boolean {
    return !['closed', 'asleep', 'done'].includes(this.#state.is);
  }

  get isReadable(): boolean {
    return this.#content !== null;
  }

  get isPacked(): boolean {
    return this.#content?.packed === true;
  }

  get #content(): Content | null {
    const state = this.#state;
    return state.is === 'following' || state.is === 'rotated' ? state.content : null;
  }

  /** When it stopped being the current file or last grew after that (performance.now), or null. */
  get quietSince(): number | null {
    return 'since' in this.#state ? this.#state.since : null;
  }

  /** What is saved of it, with its present or future place. */
  mark(after: Place = this.#place): Mark {
    if (this.#mark !== null && after === this.#place) return this.#mark;
    const { dev, ino, birth } = this.#id;
    const { offset, print: tail } = after;
    const size = Math.max(this.#size, offset);
    const head = this.#headPrint;
    const mark = { dev, ino, birth, name: this.#name, head, tail, offset, size, done: this.isDone };
    if (after === this.#place) this.#mark = mark;
    return mark;
  }

  /** It may be a longer copy of one of these, whose place it took: then `complete` is called. */
  succeeds(segments: readonly Segment[], complete: (segment: Segment) => void): void {
    this.#succession = new Succession(() =>
      segments.map((it) => ({ mark: it.mark(), head: it.#head, complete: () => complete(it) })),
    );
  }

  /** Its content is in another file now, or was found again after a restart. */
  async moveTo(found: FoundFile): Promise<void> {
    const { offset, print, at, kept } = this.#place;
    const isRenamed = this.#name !== found.name;
    this.#id = found.id;
    this.#name = found.name;
    this.#mark = null;
    // The open descriptor serves as well as a copy, and also shows late writers' lines.
    if (this.isReadable) {
      // Unless the copy is longer, and was rotated and packed before anybody saw that.
      const mayBeLonger = isRenamed && !this.isPacked && this.#state.is === 'following';
      if (!mayBeLonger || found.packing === null) return;
      await this.#copy?.close();
      this.#copy = new PackedContent(found.packing, found.takeDescriptor(), this.#head, 0);
      return;
    }
    if (this.isDone && (found.packed || found.size <= offset)) return;
    // A copy that was made before the last lines were written has nothing new.
    if (!found.packed && found.size < at) return this.finish();
    if (!found.packed) {
      this.#size = found.size;
      this.#place = { offset, at, kept, print, tail: found.before(at) };
    }
    this.#open(found);
  }

  #open(found: FoundFile): void {
    // A file that was empty when it was saved. A size without a fingerprint would count as lost
    // bytes although only the file is gone, and nothing that was in it.
    const known = this.#headPrint.size || PRINT;
    const head = this.#head.length > 0 ? this.#head : found.head().subarray(0, known);
    const content = openContent(found.packing, found.takeDescriptor(), head, this.#place.at);
    this.#learn(content);
    this.#hold(content);
  }

  #hold(content: Content): void {
    const since = this.quietSince;
    this.#state = since === null ? { is: 'following', content } : { is: 'rotated', content, since };
  }

  /** It is no longer at the path. */
  rotate(now: number): void {
    const state = this.#state;
    if (state.is === 'following') this.#state = { ...state, is: 'rotated', since: now };
    else if ('since' in state) this.#state = { ...state, since: state.since ?? now };
  }

  /** What it held cannot be found. */
  abandon(): void {
    if (this.#state.is === 'changed') this.#state = { ...this.#state, is: 'orphaned' };
  }

  #change(): void {
    void Promise.all([this.#content?.close(), this.#copy?.close()]);
    this.#copy = null;
    this.#state = { is: 'changed', since: this.quietSince };
  }

  /** Closes the file at the path until `reopen`: all of it was read. */
  sleep(): void {
    if (this.#state.is !== 'following') return;
    void this.#state.content.close();
    this.#state = { is: 'asleep' };
  }

  /**
   * Follows it again where its name still leads to it; otherwise it has to be found. What was read of
   * it is compared when more is read, as always.
   * @throws the system's error where it cannot be opened
   */
  reopen(): void {
    if (this.#state.is !== 'asleep') return;
    try {
      this.#hold(new PlainContent(openSame(this.#name, this.#id), this.#head));
    } catch (error) {
      if (!(error instanceof MovedError)) throw error;
      this.#state = { is: 'closed' };
    }
  }

  /** Nothing more will be read from it. */
  async finish(): Promise<void> {
    await this.close();
    this.#state = { is: 'done' };
    this.#mark = null;
  }

  /** Closes the descriptor when the stream is closed. */
  async close(): Promise<void> {
    const content = this.#content;
    const copy = this.#copy;
    if (content !== null) this.#state = { is: 'closed' };
    this.#copy = null;
    await Promise.all([content?.close(), copy?.close()]);
  }

  /**
   * The next block. Moves nothing: until `move` is called, the same lines come again.
   * @throws ChangedError: then it is in the state `changed`, or the compressed file is damaged
   */
  read(maxLine: number): Block | Promise<Block> {
    const content = this.#content!;
    const length = this.#pace.begin(content.packed, maxLine);
    if (content.packed) {
      return content.read(this.#place, length).then(({ data, tail, isWhole }) => {
        this.#place = { ...this.#place, tail };
        const block = blockOf(this.#place, data, length, maxLine);
        return isWhole ? block : { ...block, end: false };
      });
    }
    if (this.#succession !== null && !this.#isDecided(content, this.#succession))
      return blockOf(this.#place, NOTHING, length, maxLine);
    const block = blockOf(this.#place, this.#readPlain(content, length), length, maxLine);
    if (this.#copy === null || !block.end) return block;
    // First what is its own: the next read finds no more of that.
    return block.used > 0 ? { ...block, end: false } : this.#goOnIn(this.#copy, block);
  }

  /** Behind its own last block: goes on in a packed copy that has more. @throws why not */
  async #goOnIn(copy: PackedContent, block: Block): Promise<Block> {
    const rest = Buffer.from(block.rest);
    const { offset, print } = this.#place;
    this.#copy = null;
    const passed = await copy.passTo(offset, print, this.#size).catch((error: Error) => error);
    await (passed === null ? copy : this.#content!).close();
    if (passed === null) return { ...block, rest }; // Its own file stays open for late writers.
    this.#hold(copy);
    if (passed instanceof Error) throw passed;
    this.#place = placeAt(offset, passed, print);
    return { ...block, rest: NOTHING, end: false, after: this.#place };
  }

  #readPlain(content: PlainContent, length: number): Buffer {
    try {
      // Room for the largest block: the kernel allocates memory only for what is used of it.
      const data = content.read(this.#place, length, this.#pace.room(length));
      this.#size = Math.max(this.#size, this.#place.at + data.length);
      this.#learn(content);
      return data;
    } catch (error) {
      if (error instanceof ChangedError) this.#change();
      throw error;
    }
  }

  /** Whether it can be read. It cannot while it may become a longer copy of the file before it. */
  #isDecided(content: PlainContent, succession: Succession): boolean {
    if (content.size() === 0) return true;
    const start = this.#place.at === 0 ? this.#readPlain(content, PRINT) : NOTHING;
    const verdict = succession.judge(content, start.subarray(0, PRINT));
    if (verdict === 'undecided') return false;
    if (verdict === 'other') this.#succession = null;
    else this.#goOnAt(verdict);
    return true;
  }

  #goOnAt({ place, of }: Passed): void {
    this.#succession = null;
    this.#place = place;
    this.#mark = null;
    of.complete();
  }

  /** Finds out whether a compressed file is a longer copy of one before it. */
  async judgePacked(found: FoundFile): Promise<void> {
    const passed = await this.#succession?.judgePacked(found);
    if (passed) this.#goOnAt(passed);
  }

  /** Whether it may still become a longer copy. */
  get isUndecided(): boolean {
    return this.#succession?.isWaiting === true;
  }

  /** Reads as much of its beginning as there is now; false if the file has changed. */
  refresh(): boolean {
    const content = this.#content;
    try {
      if (content?.packed === false) this.#readPlain(content, PRINT);
    } catch (error) {
      if (!(error instanceof ChangedError)) throw error;
    }
    return content === this.#content;
  }

  /** Goes on after a block. */
  move({ after, used, rest, end }: Block): void {
    if (after !== this.#place) this.#mark = null;
    this.#place = after;
    this.#rest = end ? Buffer.from(rest) : NOTHING;
    if (used > 0 && this.#state.is === 'rotated')
      this.#state = { ...this.#state, since: performance.now() };
    this.#content?.drop(used);
    this.#pace.end(end);
  }

  /** The line at its end that will never get its newline; null where there is none. */
  lastBlock(): Block | null {
    return lastBlock(this.#place, this.#rest);
  }

  /** Bytes that exist and were not handed over. */
  behind(): number {
    if (this.#content?.packed === false) this.#size = this.#content.sizeOr(this.#size);
    return Math.max(0, this.#size - this.#place.offset);
  }

  /** Whether its name was removed. */
  unlinked(): boolean {
    return this.#content?.packed === false && this.#content.unlinked();
  }

  #learn({ head }: Content): void {
    if (head === this.#head) return;
    this.#head = head;
    this.#headPrint = printOf(head);
    this.#mark = null;
  }
}
