/** What a kind of monitor (a protocol) states of itself: a row of the table in `kinds.ts`. */
import type { Value } from '../config/checker.ts';
import type { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import type { Monitor } from './monitor.ts';
import type { Protocol } from './protocol.ts';

/** What the configuration of every kind has. */
export interface MonitorSettings {
  /** The key of the kind. */
  readonly kind: string;
  /** Key of its results in the queue, unique among the monitors. */
  readonly name: string;
}

/** An entry of `monitors`, on its way to a configuration. */
export interface MonitorEntry {
  /** The whole entry: what a mistake is about that no key is to blame for. */
  readonly at: Value;
  /** What stands behind the key of the kind: where the monitor is. */
  readonly place: Value;
  readonly keys: Section;
  readonly around: Surroundings;
}

/** What `init --monitor ADDRESS` writes for a monitor of a kind. */
export interface DraftEntry {
  /** What stands behind the key of the kind. */
  readonly place: string;
  /** The other keys that the address gives, and an example for each that it doesn't give. */
  readonly keys: readonly DraftKey[];
}

export interface DraftKey {
  readonly key: string;
  readonly value: string;
  /** Null where the value is known; else what an administrator has to find out, for the comment. */
  readonly missing: string | null;
}

export interface MonitorKind<Settings extends MonitorSettings> {
  /** The key that makes an entry one of this kind, and the `kind` of its settings. */
  readonly key: Settings['kind'];
  /** The other keys that an entry may have. */
  readonly keys: readonly string[];
  /** What stands behind the key, for an administrator: `HOST or HOST:PORT`. */
  readonly place: string;
  /** Reads an entry; mistakes are noted in the checker. */
  read(entry: MonitorEntry): Settings;
  /** What the protocol can do with these settings. */
  protocol(settings: Settings): Protocol;
  /** Gives the monitor; it connects only when a session is opened. */
  open(settings: Settings): Monitor;
  /** How the monitor is spoken to, for people: `NSCA, xor`. */
  describe(settings: Settings): string;
  /**
   * The entry for an address as it is typed behind `init --monitor`; null where the address is not
   * one of this kind's own (`nrdp` knows its own by `https://…/nrdp/`, `nagios` by a path).
   */
  draft(address: string): DraftEntry | null;
}
