/** The files of one stream, oldest first: which there are, and how they follow each other. */
import type { FoundFile, Listing } from './found.ts';
import type { FilePosition } from './position.ts';
import { Segment, type Block } from './segment.ts';
import { traceFiles } from './trace.ts';

/** How many drained files are remembered, so that older ones can be told from new ones. */
const REMEMBERED = 2;

/** What following a stream brought to light. */
export interface Found {
  /** Rotated files that were never read. */
  readonly fresh: readonly FoundFile[];
  /** There are files that the position did not name yet. */
  readonly begun: boolean;
  /** Bytes that are gone, in words. */
  readonly lost: readonly string[];
  /** False where it has to be looked at again, though nothing may change on disk. */
  readonly settled: boolean;
}

export class Chain {
  segments: Segment[] = [];
  #since = 0;

  get last(): Segment | undefined {
    return this.segments.at(-1);
  }

  /** Where the files were seen last that may have more to read. */
  names(): string[] {
    return this.segments.filter(({ done }) => !done).map(({ name }) => name);
  }

  /** Looks at the segments' content; false where one was truncated since the last look. */
  refresh(): boolean {
    return !this.segments.map((segment) => segment.refresh()).includes(false);
  }

  restore({ since, files }: FilePosition): void {
    this.#since = since;
    this.segments = files.map((mark) => Segment.saved(mark));
  }

  /** The position, as it will be after a block of one of the segments. */
  position(segment?: Segment, block?: Block): FilePosition {
    const files = this.segments.map((it) => it.mark(it === segment ? block?.after : undefined));
    return { since: this.#since, files };
  }

  /** A first start: only what is in the current file counts, from its start or its end. */
  begin(files: readonly FoundFile[], from: 'start' | 'end', maxLine: number): void {
    this.segments = [];
    const rotated = files.filter(({ role }) => role === 'rotated');
    this.#since = Math.max(0, ...rotated.map(({ mtime }) => mtime));
    // The newest rotated file marks where the past ends. Its late writers' lines count already.
    const newest = rotated.findLast((it) => !it.packed && it.size > 0 && isReadable(it));
    if (newest !== undefined) this.segments.push(Segment.begin(newest, newest.size));
    const current = files.find(({ role }) => role === 'current');
    if (current === undefined) return;
    const offset = from === 'start' ? 0 : null;
    this.segments.push(
      isReadable(current)
        ? Segment.begin(current, offset ?? lastLineStart(current, maxLine))
        : Segment.later(current, offset ?? current.size),
    );
  }

  /**
   * Finds the segments again in what is on disk now, and takes in the files that came after them.
   * @param list lists what is there; called twice, and the two must agree
   * @returns null where files were renamed or truncated meanwhile: nothing was changed then
   * @throws MovedError likewise
   */
  async follow(listing: Listing, list: () => Listing): Promise<Found | null> {
    const present = listing.files.find(({ role }) => role === 'current');
    const current = present !== undefined && isReadable(present) ? present : undefined;
    const files = listing.files.filter((file) => file !== present || file === current);
    const marks = this.position().files;
    const trace = traceFiles(marks, files, this.#since);
    for (const file of [...trace.fresh, ...trace.places.values()]) file.head();
    // Truncated only now: what looked like another file may be a copy that was not whole yet.
    if (!this.refresh() || list().key !== listing.key) return null;

    const places = new Map(this.segments.map((it, n) => [it, trace.places.get(marks[n]!)]));
    const lost = await this.#place(places, current);
    const fresh = trace.fresh.filter(isReadable);
    for (const { name, problem, size } of trace.fresh) {
      if (problem) lost.push(`${name} (${size} bytes) cannot be read: ${problem.message}`);
    }
    const isKnown = current !== undefined && [...places.values()].includes(current);
    const begun = current === undefined || isKnown ? fresh : [...fresh, current];
    // A file that is neither at the path nor among the rotated ones, while none that can be read is
    // at the path, is still the current one: it is missing, or must not be read for now.
    const last = this.last;
    const mayComeBack = last && current === undefined && places.get(last) === undefined;
    for (const file of begun) {
      const age = files.indexOf(file);
      const next = this.segments.findIndex((it) => files.indexOf(places.get(it)!) > age);
      const index = next === -1 ? this.segments.length - (mayComeBack ? 1 : 0) : next;
      this.segments.splice(index, 0, Segment.begin(file));
    }
    this.#since = trace.since;
    this.#forget();
    return { fresh, begun: begun.length > 0, lost, settled: trace.settled };
  }

  /** Opens the known files where they are now; tells what is lost of those that are nowhere. */
  async #place(
    places: ReadonlyMap<Segment, FoundFile | undefined>,
    current: FoundFile | undefined,
  ): Promise<string[]> {
    const lost: string[] = [];
    const kept: Segment[] = [];
    for (const segment of this.segments) {
      const place = places.get(segment);
      const isLast = segment === this.last;
      if (place !== undefined) {
        await segment.moveTo(place);
      } else if (segment.open) {
        segment.orphan = segment.changed; // Deleted, or moved elsewhere: the descriptor has it still.
      } else if (!(isLast && current === undefined)) {
        lost.push(...lostOf(segment, isLast));
        continue;
      } // Else it may come back: nothing is at the path yet.
      kept.push(segment);
    }
    this.segments = kept;
    return lost;
  }

  #forget(): void {
    const done = this.segments.slice(0, -1).filter((it) => it.done);
    const drop = new Set(done.slice(0, Math.max(0, done.length - REMEMBERED)));
    this.segments = this.segments.filter((it) => !drop.has(it));
  }
}

const KEEP = 'have logrotate keep some (rotate 4)';

/** What is lost of a file that was found nowhere after a restart. */
function lostOf({ done, size, offset, name, orphan }: Segment, wasCurrent: boolean): string[] {
  if (done || orphan || size === 0) return [];
  const gone = `${name} was read up to byte ${offset} and is gone, and no rotated copy of it was found`;
  if (size > offset)
    return [`${gone}: at least ${size - offset} bytes of it were not read; ${KEEP}`];
  return wasCurrent ? [`${gone}: what was written to it after that was not read; ${KEEP}`] : [];
}

function isReadable(file: FoundFile): boolean {
  file.head();
  return file.problem === null;
}

/** Start of the file's last line, if that was not ended yet, else the end of the file. */
function lastLineStart(file: FoundFile, maxLine: number): number {
  const from = Math.max(0, file.size - maxLine);
  const end = file.read(from, file.size - from).lastIndexOf('\n');
  return end === -1 && from > 0 ? file.size : from + end + 1;
}
