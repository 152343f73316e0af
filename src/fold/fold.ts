/**
 * From denials to alerts. A pure state machine: no timer, no clock, no file. Time comes with the
 * denials and through `advance`, so yesterday's log gives the alerts that it would have given then.
 *
 *   denial ─► same connection in another log? ─► xinetd's other line? ─► window of its key ─► alerts
 *             (dropped)                          (dropped)
 *
 * A key's first denial is an alert at once and opens a window. More of them in the window are
 * counted. A window that ends with a count is told as a repeat, and the next one, twice as long,
 * begins where it ended; a window that ends without a count closes the key.
 *
 * Every denial is in the count of exactly one alert, or counted in what is open. What is open is
 * rows: store `changes()` in the transaction that stores the alerts and the position behind the
 * denials. If that fails, throw the Fold away and make a new one from the rows.
 */
import type { FoldConfig } from '../config/config.ts';
import type { Denial } from '../parse/denial.ts';
import type { Alert } from './alert.ts';
import { Clocks } from './clock.ts';
import { Kept } from './kept.ts';
import { keyOf, sourceOf } from './key.ts';
import { Same } from './same.ts';
import { duration } from './text.ts';
import { WINDOW, type Window } from './window.ts';

/** Formats of xinetd's two lines for one refusal, of which the first has the daemon's name. */
const XINETD = 'xinetd';
const XINETD_FAIL = 'xinetd-fail';

export class Fold {
  readonly #options: FoldConfig;
  readonly #clocks: Clocks;
  readonly #same: Same;
  readonly #xinetd: Same;
  readonly #windows: Kept<Window>;

  /** @param saved the rows that a former Fold left */
  constructor(options: FoldConfig, saved: Iterable<readonly [key: string, value: string]>) {
    const rows = [...saved];
    this.#options = options;
    this.#clocks = new Clocks(rows);
    this.#same = new Same('s', options.keys, rows);
    this.#xinetd = new Same('x', options.keys, rows);
    this.#windows = new Kept(WINDOW, rows);
  }

  /**
   * Says which streams are read. With more than one, a denial is remembered until all of them are
   * past it, so call this before the first of them is read. A stream that adds a denial is known.
   */
  follow(streams: Iterable<string>): void {
    this.#clocks.follow(streams);
  }

  /** Takes a denial that a stream brought and gives the alerts that are due at once. */
  add(denial: Denial, stream: string): Alert[] {
    const alerts: Alert[] = [];
    this.#clocks.read(stream, denial.at);
    this.#close(this.#clocks.horizon(), alerts);
    const count = this.#fresh(denial, stream);
    if (count > 0) this.#count(count === denial.count ? denial : { ...denial, count }, alerts);
    return alerts;
  }

  /**
   * Closes what has ended.
   * @param now all streams were read as far as this, ms: the wall clock once they are at their ends
   */
  advance(now: number): Alert[] {
    const alerts: Alert[] = [];
    this.#clocks.advance(now);
    this.#close(now, alerts);
    return alerts;
  }

  /** When `advance` has something to do next, ms; null if never. */
  next(): number | null {
    const next = Math.min(this.#windows.next(), this.#same.next(), this.#xinetd.next());
    return next === Infinity ? null : next;
  }

  /** The rows that changed since the last call; null where one is to be deleted. */
  changes(): (readonly [key: string, value: string | null])[] {
    const parts = [this.#clocks, this.#same, this.#xinetd, this.#windows];
    return parts.flatMap((part) => Array.from(part.changes()));
  }

  /** How many denials were counted that no alert has told yet. */
  open(): number {
    let open = 0;
    for (const { count } of this.#windows.values()) open += count;
    return open;
  }

  /** Closes and forgets what ended before every stream's place. */
  #close(horizon: number, alerts: Alert[]): void {
    this.#same.forget(horizon);
    this.#xinetd.forget(horizon);
    while (this.#windows.next() <= horizon) this.#end(...this.#windows.head(), alerts);
  }

  /** How many of the denials in a line no other line has told. */
  #fresh(denial: Denial, stream: string): number {
    const { at, host, daemon, pid, format } = denial;
    let { count } = denial;
    const who = `${pid ?? ''}\0${sourceOf(denial)}`;
    const line = format === XINETD || format === XINETD_FAIL;
    if (this.#clocks.size > 1) {
      const identity = `${daemon}\0${who}${line ? `\0${format}` : ''}`;
      count = this.#same.tell(identity, { at, host, count, teller: stream });
    }
    if (line && count > 0) count = this.#xinetd.tell(who, { at, host, count, teller: format });
    return count;
  }

  #count(denial: Denial, alerts: Alert[]): void {
    const { window: length, keys } = this.#options;
    const { at, host, count } = denial;
    const key = keyOf(denial);
    let window = this.#windows.get(key);
    // Its end may have come for this key while another stream is still before it.
    while (window !== undefined && at >= WINDOW.end(window)) {
      this.#end(key, window, alerts);
      window = this.#windows.get(key);
    }
    if (window !== undefined) {
      window.count += count;
      this.#windows.set(key, window);
      return;
    }
    const text = count > 1 ? ` (${count} times)` : '';
    alerts.push({ kind: 'denial', at, host, count, denial, text });
    if (length === 0) return;
    if (this.#windows.size >= keys) this.#giveUp(at, alerts);
    this.#windows.set(key, { denial, start: at, length, count: 0 });
  }

  /** A window has ended. */
  #end(key: string, window: Window, alerts: Alert[]): void {
    if (window.count === 0) {
      this.#windows.delete(key);
      return;
    }
    alerts.push(repeat(window, window.length));
    window.start += window.length;
    window.length = Math.min(2 * window.length, this.#options.maxWindow);
    window.count = 0;
    this.#windows.set(key, window);
  }

  /** Too many keys: tells what the least active one has counted, before its time, and closes it. */
  #giveUp(now: number, alerts: Alert[]): void {
    const least = this.#windows.least(({ count }) => count);
    if (least === undefined) return;
    const [key, window] = least;
    this.#windows.delete(key);
    const length = Math.min(window.length, now - window.start);
    if (window.count > 0) alerts.push(repeat(window, length));
  }
}

function repeat({ start, count, denial }: Window, length: number): Alert {
  const text = ` (${count} more in ${duration(length)})`;
  return { kind: 'repeat', at: start, host: denial.host, count, denial, text };
}
