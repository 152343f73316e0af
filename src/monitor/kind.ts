/** What describes a kind of monitor (a protocol): a row of the table in `kinds.ts`. */
import type { Value } from '../config/checker.ts';
import type { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import type { Monitor } from './monitor.ts';
import type { Protocol } from './protocol.ts';

/** For the kinds whose results Nagios reads: it logs them unless log_passive_checks is 0. */
export const IN_NAGIOS =
  "Nagios' web interface under Services, or in nagios.log as PASSIVE SERVICE CHECK";

/** What the configuration of every kind contains. */
export interface MonitorSettings {
  /** The key of the kind. */
  readonly kind: string;
  /** Key of its results in the queue, unique among the monitors. */
  readonly name: string;
}

/** An entry of `monitors` that is being read. */
export interface MonitorEntry {
  /** The whole entry: the place of mistakes that belong to no single key. */
  readonly at: Value;
  /** The value of the kind's key: where the monitor is. */
  readonly place: Value;
  readonly keys: Section;
  readonly around: Surroundings;
}

/** What `init --monitor ADDRESS` writes for a monitor of a kind. */
export interface DraftEntry {
  /** The value of the kind's key. */
  readonly place: string;
  /** The other keys that the address contains, and an example for each that it does not contain. */
  readonly keys: readonly DraftKey[];
}

export interface DraftKey {
  readonly key: string;
  readonly value: string;
  /**
   * Null where the value is known; otherwise what an administrator has to find out, for the
   * comment.
   */
  readonly missing: string | null;
  /** For a key that names a file, which may be written later. */
  readonly isFile?: boolean;
  /** For a key that names a file with a secret: the secret, as `init` asks for it. */
  readonly asks?: string;
}

/** How a person writes the address of a monitor of a kind. */
export interface AddressForm {
  /** `HOST or HOST:PORT` */
  readonly form: string;
  /** An example of it. */
  readonly example: string;
  /** What `draft` recognises, from an address without a scheme. */
  readonly complete: (typed: string) => string;
}

export interface MonitorKind<Settings extends MonitorSettings> {
  /** The key that makes an entry one of this kind, and the `kind` of its settings. */
  readonly key: Settings['kind'];
  /** The other keys that an entry may have. */
  readonly keys: readonly string[];
  /** The form of the key's value, for an administrator: `HOST or HOST:PORT`. */
  readonly place: string;
  /** Reads an entry; reports mistakes to the checker. */
  read(entry: MonitorEntry): Settings;
  /** What the protocol can do with these settings. */
  protocol(settings: Settings): Protocol;
  /** Returns the monitor; it connects only when a session is opened. */
  open(settings: Settings): Monitor;
  /** The protocol and its variant, for display: `NSCA, xor`. */
  describe(settings: Settings): string;
  /** Where an administrator sees a result there: follows "look for it in". */
  readonly seenIn: string;
  /**
   * The entry for an address as typed after `init --monitor`; null where the address does not
   * belong to this kind (`nrdp` recognises `https://…/nrdp/`, `nagios` a path).
   */
  draft(address: string): DraftEntry | null;
  readonly address: AddressForm;
}
