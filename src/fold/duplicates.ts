/**
 * Counts the denials of a line that no other line has reported: one refused connection may be
 * written to several logs, and some programs write two lines for one.
 */
import type { Denial } from '../parse/denial.ts';
import type { Unseen } from '../parse/unseen.ts';
import { sourceOf } from './key.ts';
import { Sightings } from './sightings.ts';
import type { Room } from './stored-map.ts';

/**
 * Formats of which a program writes two or more for one refusal, with the program: xinetd writes
 * two lines, stunnel and sslh write to syslog and to the standard error that their unit records,
 * others to syslog and to a file of their own.
 */
const PAIRED: ReadonlyMap<string, string> = new Map([
  ['xinetd', 'xinetd'],
  ['xinetd-fail', 'xinetd'],
  ['xinetd-file', 'xinetd'],
  ['stunnel', 'stunnel'],
  ['stunnel-stderr', 'stunnel'],
  ['stunnel-file', 'stunnel'],
  ['sslh', 'sslh'],
  ['sslh-stderr', 'sslh'],
  ['conman', 'conman'],
  ['conman-file', 'conman'],
  ['mosquitto', 'mosquitto'],
  ['mosquitto-file', 'mosquitto'],
  ['tcp_wrappers', 'apcupsd'],
  ['apcupsd-file', 'apcupsd'],
  ['auditd', 'auditd'],
  ['auditd-file', 'auditd'],
]);

export class Duplicates {
  readonly #logs: Sightings;
  readonly #pairs: Sightings;
  readonly #unseen: Sightings;
  /** The loaders of its rows. */
  readonly parts: readonly Sightings[];

  /** @param how many connections are remembered; the oldest are forgotten first */
  constructor(room: Room) {
    this.#logs = new Sightings('same:', room);
    this.#pairs = new Sightings('pair:', room);
    this.#unseen = new Sightings('unseen:', room);
    this.parts = [this.#logs, this.#pairs, this.#unseen];
  }

  /**
   * How many of a line's denials are new.
   * @param stream that brought the line; null where no other stream can have the same line
   */
  countNew(denial: Denial, stream: string | null): number {
    const { at, host, daemon, format } = denial;
    let { count } = denial;
    const who = sourceOf(denial);
    const program = PAIRED.get(format);
    if (stream !== null) {
      const pid = denial.isPidLogged === false ? null : denial.pid;
      const line = program === undefined ? '' : format;
      const identity = `${daemon}\n${pid ?? ''}\n${who}\n${line}`;
      count = this.#logs.countNew(identity, { at, host, count, observer: stream });
    }
    if (program === undefined || count === 0) return count;
    // Only one of xinetd's lines has the daemon's name.
    const identity = `${program}\n${program === 'xinetd' ? '' : daemon}\n${who}`;
    return this.#pairs.countNew(identity, { at, host, count, observer: format });
  }

  /** How many of the unseen refusals that a line reports are new. */
  countNewUnseen({ at, host, program, why, count }: Unseen, stream: string | null): number {
    if (stream === null) return count;
    return this.#unseen.countNew(`${why}\n${program ?? ''}`, { at, host, count, observer: stream });
  }

  /** Every stream was read up to this time. */
  forget(horizon: number): void {
    for (const part of this.parts) part.forget(horizon);
  }

  /** When there is next something to forget, ms. */
  next(): number {
    return Math.min(this.#logs.next(), this.#pairs.next(), this.#unseen.next());
  }

  *changes() {
    for (const part of this.parts) yield* part.changes();
  }
}
