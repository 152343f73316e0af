/**
 * Refusals that are in no log: connections that sshd dropped before it asked libwrap, and messages
 * that a logging daemon dropped. They are not denials; a log only shows how many there were.
 */
import { baseName, cleanMessage, type Entry } from './entry.ts';

/** Why something was not seen. `max-startups` counts connections, the others count log messages. */
export type UnseenReason = 'max-startups' | 'journald-rate-limit' | 'rsyslog-rate-limit';

/** What one line reports of connections or messages that no other line shows. */
export interface Unseen {
  /** Milliseconds since 1970, as for a denial. */
  readonly at: number;
  /** The host that logged it, null where the header names none. */
  readonly host: string | null;
  /**
   * Whose connections or messages they were: a syslog tag, a systemd unit or a program's path; null
   * where the line does not name it.
   */
  readonly program: string | null;
  /**
   * How many, beyond those that earlier lines of the stream reported: the smallest number that is
   * certain.
   */
  readonly count: number;
  readonly why: UnseenReason;
}

/** What a message reports by itself, without the messages before it. */
type Said =
  | { readonly kind: 'begin' }
  /** This many more. */
  | { readonly kind: 'more'; readonly count: number }
  /** This many since throttling began. */
  | { readonly kind: 'total'; readonly count: number; readonly last: boolean };

// OpenSSH's sshd.c, drop_connection(): 9.2 logs the first drop, a total each five minutes and one at
// the end; from 9.8 on a limited number of drops, and how many more there were. What it drops for
// a penalty (PerSourcePenalties) comes from clients that libwrap had let in before.
const SSHD = /^sshd(?:-session)?$/;
const DROP = /^drop connection #\d+ from \S+ on \S+ (?:past )?[Mm]ax ?[Ss]tartups$/;
const ADDITIONAL =
  /^[Mm]ax[Ss]tartups logging rate-limited: additional (\d{1,9}) connections dropped$/;
const THROTTLING =
  /^(?:error: )?(beginning|in|exited) MaxStartups throttling(?: (?:after|for) [\w:]+, (\d{1,9}) connections dropped)?$/;
// systemd's journald-rate-limit.c; the unit is a path in old releases.
const JOURNALD = /^systemd-journald?$|^journal$/;
const SUPPRESSED = /^Suppressed (\d{1,9}) messages from (\S+)$/;
// rsyslog's ratelimit.c, with the input's name in front; before version 7 imuxsock had its own words.
const RSYSLOG = /^rsyslogd(?:-\d+)?$/;
const LOST =
  /^im\w+(?:\[(?:pid:? ?\d+)?(?:, name: ([^\]]*))?\])?(?: from <[^>]*>)?: (\d{1,9}) messages lost due to rate-limiting(?: .*)?$/;
const LOST_OF_PID = /^imuxsock lost (\d{1,9}) messages from pid \d+ due to rate-limiting(?: .*)?$/;

/** Most hosts and processes whose throttling is tracked at once. */
const MOST = 256;

/** Finds unseen refusals in the entries of one stream, in its order. */
export class UnseenReader {
  /** Connections counted since throttling began, by host and process. */
  #throttling: Map<string, number>;

  constructor(throttling: Readonly<Record<string, number>> = {}) {
    this.#throttling = new Map(Object.entries(throttling));
  }

  /** The state to go on with after a restart. */
  throttling(): Record<string, number> {
    return Object.fromEntries(this.#throttling);
  }

  /**
   * What the entries of a line report; null where they report nothing unseen, or nothing new.
   * @param now ms since 1970: for lines without a time
   */
  readAny(entries: readonly Entry[], now: number): Unseen | null {
    for (const entry of entries) {
      const unseen = this.#read(entry, now);
      if (unseen !== null) return unseen;
    }
    return null;
  }

  #read(entry: Entry, now: number): Unseen | null {
    const message = cleanMessage(entry.message);
    const program = baseName(entry.tag ?? '');
    const base = { at: entry.at ?? now, host: entry.host };
    if (SSHD.test(program)) {
      const said = ofSshd(message);
      const count = said === null ? 0 : this.#add(`${entry.host} ${entry.pid}`, said);
      return count === 0 ? null : { ...base, program: entry.tag, count, why: 'max-startups' };
    }
    if (JOURNALD.test(program)) {
      const m = SUPPRESSED.exec(message);
      return m && { ...base, program: m[2]!, count: Number(m[1]), why: 'journald-rate-limit' };
    }
    if (!RSYSLOG.test(program)) return null;
    const m = LOST.exec(message);
    const count = Number(m?.[2] ?? LOST_OF_PID.exec(message)?.[1] ?? 0);
    const why = 'rsyslog-rate-limit';
    return count === 0 ? null : { ...base, program: m?.[1] ?? null, count, why };
  }

  /** How many connections this report adds. */
  #add(key: string, said: Said): number {
    const known = said.kind === 'begin' ? 0 : (this.#throttling.get(key) ?? 0);
    const total =
      said.kind === 'begin'
        ? 0
        : said.kind === 'more'
          ? known + said.count
          : Math.max(known, said.count);
    this.#throttling.delete(key);
    if (said.kind !== 'total' || !said.last) this.#throttling.set(key, total);
    if (this.#throttling.size > MOST) {
      for (const oldest of this.#throttling.keys().take(1)) this.#throttling.delete(oldest);
    }
    return total - known;
  }
}

function ofSshd(message: string): Said | null {
  if (DROP.test(message)) return { kind: 'more', count: 1 };
  const additional = ADDITIONAL.exec(message);
  if (additional !== null) return { kind: 'more', count: Number(additional[1]) };
  const m = THROTTLING.exec(message);
  if (m === null) return null;
  if (m[1] === 'beginning') return { kind: 'begin' };
  const count = Number(m[2] ?? 0);
  // The intermediate total includes the connection that the next line is about.
  return {
    kind: 'total',
    count: m[1] === 'in' ? Math.max(0, count - 1) : count,
    last: m[1] === 'exited',
  };
}
