/** The files of one stream, oldest first, and how they follow each other. */
import { basename, dirname } from 'node:path';
import { findElsewhere } from './elsewhere.ts';
import type { Block } from './content.ts';
import type { FoundFile, Listing } from './found.ts';
import { lostOf } from './lost.ts';
import {
  beginSince,
  keyOf,
  NO_PRINT,
  sameFile,
  type FilePosition,
  type Identity,
  type Mark,
} from './position.ts';
import { rotationOf } from './rotated.ts';
import { Segment } from './segment.ts';
import type { RotatedSince } from './tail-options.ts';
import { tracePacked } from './packed-places.ts';
import { isProof, type Trace } from './trace.ts';
import { reasonOf } from '../../text/reason.ts';

/**
 * How many drained files are remembered, so that older files can be distinguished from new ones.
 */
const REMEMBERED = 2;
/** Some compressors keep no more of the time of the last write, ms. */
const SECOND = 1000;

/** What following a stream found. */
export interface Found {
  /** Rotated files that were never read. */
  readonly fresh: readonly FoundFile[];
  /** There are files that the position did not name yet. */
  readonly begun: boolean;
  /** Bytes that are gone, in words. */
  readonly lost: readonly string[];
  /** False where another look is needed even if nothing changes on disk. */
  readonly settled: boolean;
}

export class Chain {
  segments: Segment[] = [];
  #since = 0;
  /** Where files with unusual names were found. */
  #elsewhere: string[] = [];
  /** Its files when it was read before, and those of them that were not looked for yet. */
  #earlier: readonly Mark[] = [];
  #sought: readonly Mark[] = [];

  get last(): Segment | undefined {
    return this.segments.at(-1);
  }

  /** Where the files that may have more to read were last seen. */
  names(): string[] {
    const names = this.segments.map(({ name }) => name);
    return [...new Set([...names, ...this.#elsewhere])];
  }

  /** Whether a file is one of them. */
  has(id: Identity): boolean {
    const isIts = (mark: Mark) => sameFile(mark, id);
    return this.segments.some((segment) => isIts(segment.mark())) || this.#earlier.some(isIts);
  }

  /** Bytes that exist and were not handed over; null where that cannot be known. */
  behind(): number | null {
    if (this.segments.some(({ isPacked }) => isPacked)) return null;
    const open = this.segments.filter(({ isLive }) => isLive);
    return open.reduce((sum, segment) => sum + segment.behind(), 0);
  }

  /** Whether more is about to happen, even if nothing changes on disk. */
  get isUnsettled(): boolean {
    const isOpen = this.segments.slice(0, -1).some(({ isLive }) => isLive);
    return isOpen || this.last?.isUndecided === true;
  }

  /** All but the last were rotated: now, unless it is known since when. */
  rotate(known: RotatedSince): void {
    const now = performance.now();
    for (const segment of this.segments.slice(0, -1))
      segment.rotate(known.get(keyOf(segment.mark())) ?? now);
  }

  /** Whether another chain could go on from the saved position: it would find all files again. */
  get isResumable(): boolean {
    return this.segments.every(
      (it) => !it.isLive || (it.isReadable && !it.isPacked && !it.isUndecided && !it.unlinked()),
    );
  }

  /** Opens again what is asleep; false where one has to be found. @throws where one cannot be opened */
  reopen(): boolean {
    for (const segment of this.segments) segment.reopen();
    return this.segments.every(({ state }) => state !== 'closed');
  }

  /** What was listed, without the file at the path where that is another log's. */
  own(listing: Listing, isTaken: () => boolean): Listing {
    const current = listing.files.find(({ role }) => role === 'current');
    if (!current || (this.last && sameFile(this.last.mark(), current.id)) || !isTaken())
      return listing;
    current.close();
    return { ...listing, files: listing.files.filter((file) => file !== current) };
  }

  /** Checks the segments' content; false where one was truncated since the last look. */
  refresh(): boolean {
    return !this.segments.map((segment) => segment.refresh()).includes(false);
  }

  restore({ since, files }: FilePosition): void {
    this.#since = since;
    this.segments = files.map((mark) => Segment.saved(mark));
    for (const [n, segment] of this.segments.entries())
      if (segment.offset === 0) this.#succeed(segment, this.segments.slice(0, n));
  }

  /** The stream is read again, by nothing but a time: these files show where rotated ones are. */
  readAgain(since: number, earlier: readonly Mark[]): void {
    this.restore(beginSince(since));
    this.#earlier = this.#sought = earlier;
  }

  /** A file may turn out to be a longer copy of one of these, and then stands for that one too. */
  #succeed(segment: Segment, befores: readonly Segment[]): void {
    segment.succeeds(befores, (before) => {
      // Gone rather than done: what is found later to begin as both do is a copy of the longer one.
      this.segments = this.segments.filter((it) => it !== before);
      void before.finish();
    });
  }

  /** The position, as it will be after a block of one of the segments. */
  position(segment?: Segment, block?: Block): FilePosition {
    const files = this.segments.map((it) => it.mark(it === segment ? block?.after : undefined));
    return { version: 1, since: this.#since, files };
  }

  /**
   * A first start: only the current file counts.
   * @param from its start, its end, or how many of its bytes count as already read
   */
  begin(files: readonly FoundFile[], from: 'start' | 'end' | number, maxLine: number): void {
    this.segments = [];
    const current = files.find(({ role }) => role === 'current');
    const rotated = files.filter(({ role }) => role === 'rotated');
    // Older ones may be in another directory, which is not known before the next rotation.
    const last = Math.min(current?.mtime ?? Infinity, Date.now());
    const before = Math.floor(last / SECOND) * SECOND - 1;
    this.#since = Math.max(before, ...rotated.map(({ mtime }) => mtime));
    // The newest rotated file marks where the past ends. Lines that late writers add to it count
    // already.
    const newest = rotated.findLast((it) => !it.packed && it.size > 0 && isReadable(it));
    if (newest !== undefined) this.segments.push(Segment.begin(newest, newest.size));
    if (current === undefined) return;
    if (!isReadable(current)) {
      this.segments.push(Segment.saved(unread(current, from === 'start' ? 0 : current.size)));
      return;
    }
    const end = from === 'start' ? 0 : from === 'end' ? current.size : Math.min(from, current.size);
    this.segments.push(Segment.begin(current, end === 0 ? 0 : lineStart(current, end, maxLine)));
  }

  /**
   * Finds the segments again on disk, and adds the files that came after them.
   * @param list lists what is there; called twice, and the two must agree
   * @returns null where files were renamed or truncated meanwhile, or where more is to be listed:
   * nothing was changed then
   * @throws MovedError likewise
   */
  async follow(path: string, listing: Listing, list: () => Listing): Promise<Found | null> {
    const present = listing.files.find(({ role }) => role === 'current');
    const current = present !== undefined && isReadable(present) ? present : undefined;
    const files = listing.files.filter((file) => file !== present || file === current);
    const marks = this.position().files;
    const isOpen = (mark: Mark) => this.segments[marks.indexOf(mark)]?.isReadable === true;
    const trace = await tracePacked(marks, files, this.#since, isOpen);
    for (const file of [...trace.fresh, ...trace.places.values()]) file.head();
    // Truncated only now: what looked like another file may be a copy that was not complete yet.
    if (!this.refresh() || list().key !== listing.key) return null;
    if (this.#looksElsewhere(path, this.#missing(path, marks, trace, files))) return null;

    const places = new Map(this.segments.map((it, n) => [it, trace.places.get(marks[n]!)]));
    const last = this.last;
    // What is open is read to its end before a longer copy of it is looked at.
    const copy = last === undefined ? undefined : longerCopy(last, places.get(last), current);
    if (copy !== undefined) places.set(last!, undefined);
    const replaced = last !== undefined && places.get(last) === undefined ? last : null;
    const copied = this.segments.filter(
      (it, n) => places.get(it) === undefined && isCopied(marks[n]!, places),
    );
    for (const [segment, place] of places) if (place?.packed) await segment.judgePacked(place);
    const lost = await this.#place(places, copied, current);
    const fresh = trace.fresh.filter(isReadable);
    for (const { name, problem, size } of trace.fresh) {
      if (problem) lost.push(`${name} (${size} bytes) cannot be read: ${reasonOf(problem)}`);
    }
    const isKnown = current !== undefined && [...places.values()].includes(current);
    const rotated = copy === undefined || copy === current ? fresh : [copy, ...fresh];
    const begun = current === undefined || isKnown ? rotated : [...rotated, current];
    // A file that is neither at the path nor among the rotated ones is still the current one while
    // no readable file is at the path: it is missing, or may not be read for now.
    const mayComeBack = replaced !== null && copy === undefined && current === undefined;
    const segments = this.#takeIn(begun, files, places, mayComeBack);
    // The first file after it may be a longer copy, unless others came between.
    const next = copy === undefined && fresh.length > 0 ? -1 : begun.indexOf(copy ?? begun[0]!);
    const heir = segments[next];
    if (replaced !== null && heir !== undefined) this.#succeed(heir, [replaced]);
    this.#since = trace.since;
    this.#forget();
    return { fresh, begun: begun.length > 0, lost, settled: trace.settled };
  }

  /** Files that may be elsewhere. @param marks as traced: a file that has grown has another now */
  #missing(
    path: string,
    marks: readonly Mark[],
    trace: Trace,
    files: readonly FoundFile[],
  ): readonly Mark[] {
    const missing = marks.filter(
      (mark, n) => !mark.done && !trace.places.has(mark) && !this.segments[n]!.unlinked(),
    );
    const sought = this.#sought
      .filter((mark) => !mark.done || !isUsual(path, mark))
      .filter((mark) => !files.some((file) => isOf(mark, file)));
    this.#sought = [];
    return [...missing, ...sought];
  }

  /** Looks for files under unusual names; true where one was found. */
  #looksElsewhere(path: string, missing: readonly Mark[]): boolean {
    if (missing.length === 0) return false;
    const known = new Set(this.names());
    const found = findElsewhere(path, missing).filter((name) => !known.has(name));
    this.#elsewhere = [...new Set([...this.#elsewhere, ...found])];
    return found.length > 0;
  }

  /**
   * Puts files that were not known yet where they belong.
   * @param mayComeBack the last one stays the last
   */
  #takeIn(
    begun: readonly FoundFile[],
    files: readonly FoundFile[],
    places: ReadonlyMap<Segment, FoundFile | undefined>,
    mayComeBack: boolean,
  ): Segment[] {
    return begun.map((file) => {
      const age = files.indexOf(file);
      const next = this.segments.findIndex((it) => files.indexOf(places.get(it)!) > age);
      const index = next === -1 ? this.segments.length - (mayComeBack ? 1 : 0) : next;
      const segment = Segment.begin(file);
      this.segments.splice(index, 0, segment);
      return segment;
    });
  }

  /**
   * Opens the known files where they are now; returns what is lost of those that were not found.
   */
  async #place(
    places: ReadonlyMap<Segment, FoundFile | undefined>,
    copied: readonly Segment[],
    current: FoundFile | undefined,
  ): Promise<string[]> {
    const lost: string[] = [];
    const kept: Segment[] = [];
    for (const segment of this.segments) {
      const place = places.get(segment);
      const isLast = segment === this.last;
      if (place !== undefined) {
        await segment.moveTo(place);
      } else if (segment.isLive) {
        segment.abandon(); // Unless it is open: deleted, or moved away; its descriptor is read on.
      } else if (!(isLast && current === undefined)) {
        if (!copied.includes(segment)) lost.push(...lostOf(segment, isLast));
        continue;
      } // Otherwise it may come back: nothing is at the path yet.
      kept.push(segment);
    }
    this.segments = kept;
    return lost;
  }

  #forget(): void {
    const done = this.segments.slice(0, -1).filter((it) => it.isDone);
    const drop = new Set(done.slice(0, Math.max(0, done.length - REMEMBERED)));
    this.segments = this.segments.filter((it) => !drop.has(it));
    const names = new Set(this.segments.map(({ name }) => name));
    this.#elsewhere = this.#elsewhere.filter((name) => names.has(name));
  }
}

/** The file that continues a segment after its own content, if it is another one. */
function longerCopy(
  segment: Segment,
  place: FoundFile | undefined,
  current: FoundFile | undefined,
): FoundFile | undefined {
  if (place === undefined || !segment.isReadable || sameFile(place.id, segment.mark()))
    return undefined;
  if (place === current) return place;
  return !place.packed && place.size > segment.offset + segment.behind() ? place : undefined;
}

/**
 * Whether what a file had is in a longer copy, where another one that it was made of goes on.
 * However little it had, nothing is lost if the other one begins with all of it.
 */
function isCopied(mark: Mark, places: ReadonlyMap<Segment, FoundFile | undefined>): boolean {
  const isAll = mark.head.size === mark.size;
  return [...places].some(
    ([segment, file]) =>
      file && !segment.isDone && (isAll || isProof(mark, file)) && file.holds(mark),
  );
}

/** Whether a file was rotated as usual: if it is no longer beside the log, it was removed. */
function isUsual(path: string, { name }: Mark): boolean {
  return dirname(name) === dirname(path) && rotationOf(basename(path), basename(name)) !== null;
}

/** Whether a file has the content that a mark is of: it is that file, or a copy of it. */
function isOf(mark: Mark, file: FoundFile): boolean {
  return file.holds(mark) && (sameFile(file.id, mark) || isProof(mark, file));
}

/** What is known of a file that cannot be opened yet, to be read from `offset` on when it can. */
function unread({ id, name, size }: FoundFile, offset: number): Mark {
  return { ...id, name, size, offset, head: NO_PRINT, tail: NO_PRINT, done: false };
}

function isReadable(file: FoundFile): boolean {
  file.head();
  return file.problem === null;
}

/** Start of the line that is at `end`, or `end` where one begins there. */
function lineStart(file: FoundFile, end: number, maxLine: number): number {
  const from = Math.max(0, end - maxLine);
  const newline = file.read(from, end - from).lastIndexOf('\n');
  return newline === -1 && from > 0 ? end : from + newline + 1;
}
