/** What a kind of source states of itself: a row of the table in `kinds.ts`. */
import type { Value } from '../config/checker.ts';
import type { Section } from '../config/section.ts';
import type { Source, Taker } from './source.ts';

/** What the configuration of every kind has. */
export interface SourceSettings {
  /** The key of the kind. */
  readonly kind: string;
  /** The zone of times that name none, by its IANA name or as +HH:MM; by default this machine's. */
  readonly zone?: string;
}

/** An entry of `sources`, on its way to a configuration. */
export interface SourceEntry {
  /** What stands behind the key of the kind: which log. */
  readonly place: Value;
  readonly keys: Section;
  /** Relative paths are relative to it. */
  readonly directory: string;
}

export interface OpenOptions {
  /** Read what is there now, and follow nothing. */
  readonly once: boolean;
  /** What each message that matters matches, for a source that can narrow by it. */
  readonly grep: string;
}

export interface SourceKind<Settings extends SourceSettings> {
  /** The key that makes an entry one of this kind, and the `kind` of its settings. */
  readonly key: Settings['kind'];
  /** The other keys that an entry may have. */
  readonly keys: readonly string[];
  /** Reads an entry, which may name several sources; mistakes are noted in the checker. */
  read(entry: SourceEntry): Settings[];
  /** Starts reading. */
  open(settings: Settings, taker: Taker, options: OpenOptions): Source;
  /** The stream that it reads, or the pattern of its streams' names. Unique among the sources. */
  stream(settings: Settings): string;
  /** What it reads, for people. */
  describe(settings: Settings): string;
  /** Whether it reads all that a log (a file's path, `journal`) holds. */
  reads(settings: Settings, log: string): boolean;
}
