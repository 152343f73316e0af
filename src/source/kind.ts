/** What describes a kind of source: a row of the table in `kinds.ts`. */
import type { Value } from '../config/checker.ts';
import type { Section } from '../config/section.ts';
import type { Lines, Position, Source, Taker } from './source.ts';

/** What the configuration of every kind contains. */
export interface SourceSettings {
  /** The key of the kind. */
  readonly kind: string;
  /** The zone of times without one, as an IANA name or +HH:MM; by default this machine's. */
  readonly zone?: string;
  /**
   * Patterns for hosts that relay the lines of others: a line in their header belongs to the other
   * host.
   */
  readonly relays?: readonly string[];
}

/** An entry of `sources` that is being read. */
export interface SourceEntry {
  /** The value of the kind's key: which log. */
  readonly place: Value;
  readonly keys: Section;
  /** Relative paths are relative to it. */
  readonly directory: string;
}

export interface OpenOptions {
  /** Read what is there now, and follow nothing. */
  readonly once: boolean;
  /** What each message that matters matches, for a source that can filter by it. */
  readonly grep: string;
  /**
   * A stream without a position begins here, ms since 1970, or somewhat before, whatever the
   * configuration says; with what was rotated since then.
   */
  readonly since?: number;
}

/** A position, and how many bytes before it are not meant. */
export interface Place {
  readonly position: Position;
  readonly less: number;
}

/** A stream of a source, and whether it can be read. */
export interface StreamLook {
  readonly stream: string;
  /** Why it cannot be read, and what to do; or null. */
  readonly problem: string | null;
  /** Whether it is missing. That need not be wrong: it may appear later. */
  readonly isMissing: boolean;
  /** When it was last written to, ms since 1970; null where that is unknown. */
  readonly written: number | null;
  /** Its last lines, or those of them that may matter, oldest first. */
  recent(): Promise<Buffer>;
}

/** The lines of what cannot be read. */
export function noLines(): Promise<Buffer> {
  return Promise.resolve(Buffer.alloc(0));
}

/** What a source would read now. */
export interface SourceLook {
  readonly streams: readonly StreamLook[];
  /** Files that are named like its streams and are not read, and why. */
  readonly leftOut: readonly { readonly stream: string; readonly why: string }[];
}

/** Something that the rights of whoever asks do not reach. */
export interface Barred {
  /** The stream, or the directory of a pattern. */
  readonly stream: string;
  /** What the rights are missing on; null: the machine's journal. */
  readonly path: string | null;
  /** Whether all that is below the path is read. */
  readonly isTree: boolean;
}

export interface SourceKind<Settings extends SourceSettings> {
  /** The key that makes an entry one of this kind, and the `kind` of its settings. */
  readonly key: Settings['kind'];
  /** The other keys that an entry may have. */
  readonly keys: readonly string[];
  /** Reads an entry, which may name several sources; reports mistakes to the checker. */
  read(entry: SourceEntry): Settings[];
  /** Starts reading. */
  open(settings: Settings, taker: Taker, options: OpenOptions): Source;
  /** The stream that it reads, or the pattern of its streams' names. Unique among the sources. */
  stream(settings: Settings): string;
  /** What it reads, for display. */
  describe(settings: Settings): string;
  /** What it would read now, found by the same code as in `open`. Changes nothing. */
  look(settings: Settings, options: Pick<OpenOptions, 'grep'>): Promise<SourceLook>;
  /**
   * What of it cannot be read with the present rights of this process. Tries to read, and has
   * finished when it returns.
   */
  barred(settings: Settings): readonly Barred[];
  /**
   * How many bytes of a block are before a place of its stream, where another agent was or will be.
   * @param previous the position before the block; undefined if nothing was read before
   */
  before(block: Lines, previous: Position | undefined, place: Place): number;
  /** Whether a stream belongs to it. */
  owns(settings: Settings, stream: string): boolean;
  /** Whether it reads everything in a log (a file's path, `journal`). */
  reads(settings: Settings, log: string): boolean;
}
