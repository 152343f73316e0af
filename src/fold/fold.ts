/**
 * From denials to alerts. A pure state machine: no timer, no clock, no file. Time comes with the
 * denials and through `advance`, so yesterday's log raises the same alerts as it would have then.
 *
 *   denial ─► same connection in another log, or xinetd's other line? ─► dropped
 *     └─► a storm goes on? ─► counted in its summary
 *     └─► its client, or its network, scans? ─► counted in the scan
 *     └─► its key's window is open? ─► counted in the window
 *     └─► an alert, which opens a window, and may make a scan or a storm
 *
 * A window that ends with a count is reported as a repeat, and the next one, twice as long, begins
 * where it ended; a window that ends without a count closes the key. Scans go on in the same way.
 * In a storm no window ends: a period's summary reports everything that the windows have counted,
 * and closes them.
 *
 * Every denial is in the count of exactly one alert, or counted in an open window or group. These
 * are rows: store `changes()` in the transaction that stores the alerts and the position after the
 * denials. If that fails, discard the Fold and make a new one from the rows.
 */
import type { FoldConfig } from './config.ts';
import type { Denial } from '../parse/denial.ts';
import type { Unseen } from '../parse/unseen.ts';
import type { Alert } from './alert.ts';
import { Clocks } from './clock.ts';
import { Detector, type GroupPart } from './detector.ts';
import { groupKinds } from './detectors.ts';
import { Duplicates } from './duplicates.ts';
import { keyOf } from './key.ts';
import { StoredMap, type Room } from './stored-map.ts';
import { Storm, type Period } from './storm.ts';
import { summary } from './summary.ts';
import { repeat, WINDOW, type Window } from './window.ts';

/** The outcome of a denial. */
export interface Added {
  /** The alerts that are due now. */
  readonly alerts: readonly Alert[];
  /** How many denials were counted: without those that another line has already reported. */
  readonly count: number;
}

/** Bytes of memory for each key that may be watched: enough for usual names. */
const BYTES = 600;

/** The alerts of nearly every denial of a flood. */
const NONE: readonly Alert[] = [];

type Row = readonly [key: string, value: string];

export class Fold {
  readonly #options: FoldConfig;
  readonly #clocks: Clocks;
  readonly #duplicates: Duplicates;
  readonly #windows: StoredMap<Window>;
  readonly #detectors: readonly Detector[];
  readonly #storm: Storm;
  /** Decides at random (but reproducibly) which key of a crowd gets a place. */
  #lot = 0;
  /** What the current call will return. */
  #alerts: Alert[] = [];
  /** How many rows could not be loaded. No alert reports what they had counted. */
  readonly unreadable: number;
  /** Their keys, until they are deleted with the next changes. */
  readonly #unreadable: string[] = [];

  /**
   * @param saved the rows of an earlier Fold, possibly with other options; null in place of a row
   *   that is too long to load
   */
  constructor(options: FoldConfig, saved: Iterable<readonly [key: string, value: string | null]>) {
    const { keys, scan, maxWindow } = options;
    const room: Room = { keys, bytes: keys * BYTES };
    const raise = (alert: Alert, at: number) => this.#raise(alert, at);
    this.#options = options;
    this.#duplicates = new Duplicates(room);
    this.#windows = new StoredMap(WINDOW, room);
    this.#detectors = groupKinds(options).map(
      (kind) => new Detector(kind, { window: scan?.window ?? 0, maxWindow, room, raise }),
    );
    const single = this.#load(saved);
    this.#clocks = this.#restore('clock', single, (rows) => new Clocks(rows));
    this.#storm = this.#restore('storm', single, (rows) => new Storm(options.storm, rows));
    this.unreadable = this.#unreadable.length;
  }

  /**
   * Sets which streams are read. With more than one, a denial is remembered until all of them are
   * past it, so call this before the first of them is read. A stream that adds a denial is known.
   */
  follow(streams: Iterable<string>): void {
    this.#clocks.follow(streams);
  }

  /** Forgets a stream, unless it was read to another time than most. */
  unfollow(stream: string): void {
    this.#clocks.unfollow(stream);
  }

  /** The latest of all times that are stored, ms: if the clock shows less, it was set back. */
  get latest(): number {
    return Math.max(this.#clocks.latest(), this.#storm.furthest);
  }

  /**
   * Takes a denial of a stream.
   * @param ignored it is counted, but no alert reports it
   */
  add(denial: Denial, stream: string, ignored = false): Added {
    this.#clocks.read(stream, denial.at);
    this.#storm.reach(this.#clocks.latest());
    this.#close(this.#clocks.horizon());
    const count = this.#duplicates.countNew(denial, this.#clocks.size > 1 ? stream : null);
    if (!ignored && count > 0) this.#count(count === denial.count ? denial : { ...denial, count });
    return { alerts: this.#take(), count };
  }

  /**
   * Takes a line's report of unseen refusals. It raises no alert.
   * @returns how much of it no other stream has reported
   */
  addUnseen(unseen: Unseen, stream: string): number {
    return this.#duplicates.countNewUnseen(unseen, this.#clocks.size > 1 ? stream : null);
  }

  /**
   * Closes what has ended.
   * @param now all streams were read up to this time, ms: the wall clock at their ends
   */
  advance(now: number): readonly Alert[] {
    this.#clocks.advance(now);
    this.#storm.reach(Math.max(now, this.#clocks.latest()));
    this.#close(now);
    return this.#take();
  }

  /**
   * The clock was set back to `now`: open windows may end a year from then, so they are reported
   * and closed.
   */
  setBack(now: number): readonly Alert[] {
    this.#storm.reach(Number.MAX_SAFE_INTEGER);
    this.#close(Number.MAX_SAFE_INTEGER);
    this.#clocks.setBack(now);
    this.#storm.setBack(now);
    return this.#take();
  }

  /** When `advance` next has something to do, ms; null if never. */
  next(): number | null {
    const due = this.#storm.period?.end ?? this.#due();
    const next = Math.min(due, this.#duplicates.next());
    return next === Infinity ? null : next;
  }

  /** The rows that changed since the last call; null for a row to delete. */
  changes(): (readonly [key: string, value: string | null])[] {
    const parts = [this.#clocks, this.#duplicates, this.#storm, ...this.#ending()];
    const changes = parts.flatMap((part) =>
      Array.from<readonly [string, string | null]>(part.changes()),
    );
    // The same key may have been written since then.
    const unreadable = this.#unreadable.splice(0).map((key) => [key, null] as const);
    return [...unreadable, ...changes];
  }

  /** How many denials were counted that no alert has reported yet. */
  open(): number {
    let open = this.#storm.period?.count ?? 0;
    for (const { count } of this.#windows.values()) open += count;
    for (const { count } of this.#groupParts()) open += count;
    return open;
  }

  /** Loads the rows of which there are many; returns those of which each kind has one. */
  #load(saved: Iterable<readonly [key: string, value: string | null]>): Row[] {
    const parts = [...this.#duplicates.parts, this.#windows, ...this.#detectors];
    const single: Row[] = [];
    for (const [key, value] of saved) {
      const part = parts.find((one) => one.owns(key));
      try {
        if (value === null) throw new Error('too long');
        if (part === undefined) single.push([key, value]);
        else part.load(key, value);
      } catch {
        this.#unreadable.push(key);
      }
    }
    for (const detector of this.#detectors) detector.loaded();
    return single;
  }

  /** Makes a part from its row, or an empty one where the row cannot be read. */
  #restore<T>(name: string, rows: readonly Row[], make: (rows: readonly Row[]) => T): T {
    try {
      return make(rows);
    } catch {
      for (const [key] of rows) if (key.startsWith(name)) this.#unreadable.push(key);
      return make([]);
    }
  }

  #take(): readonly Alert[] {
    if (this.#alerts.length === 0) return NONE;
    const alerts = this.#alerts;
    this.#alerts = [];
    return alerts;
  }

  #ending() {
    return [this.#windows, ...this.#detectors];
  }

  #groupParts(): GroupPart[] {
    return this.#detectors.flatMap((detector) => Array.from(detector.parts()));
  }

  /**
   * Closes and forgets what has ended: periods of a storm by the furthest stream, because storms
   * are about all of them.
   * @param horizon every stream was read up to this time
   */
  #close(horizon: number): void {
    this.#duplicates.forget(horizon);
    for (;;) {
      const { period } = this.#storm;
      if (period !== null) {
        if (period.end > this.#storm.furthest) return;
        this.#endPeriod(period);
      } else {
        const due = this.#due();
        if (due > horizon) return;
        this.#endNext(due);
      }
    }
  }

  /** When the next window ends, of a key or a group; asked for each denial. */
  #due(): number {
    let due = this.#windows.next();
    for (const detector of this.#detectors) due = Math.min(due, detector.next());
    return due;
  }

  #endNext(due: number): void {
    if (this.#windows.next() === due) this.#end(...this.#windows.head());
    else this.#detectors.find((detector) => detector.next() === due)?.endNext();
  }

  #count(denial: Denial): void {
    const key = keyOf(denial);
    if (this.#storm.period === null) this.#endDue(key, denial);
    // What was due before this denial may have begun a storm; so may the report of it.
    if (this.#storm.period === null && this.#calm(key, denial)) return;
    const window = this.#windows.get(key);
    if (window === undefined) {
      if (this.#windows.isFull && !this.#drawn()) this.#storm.giveUp(denial, denial.count);
      else this.#open(key, denial, denial.count);
    } else {
      if (window.count === 0) window.start = Math.max(window.start, denial.at);
      window.count += denial.count;
      this.#windows.set(key, window);
    }
  }

  /**
   * Most keys of a crowd come once, and each would cost a row that is written and deleted: so one
   * in 16 gets a place. A key that comes often gets one soon.
   */
  #drawn(): boolean {
    this.#lot = (Math.imul(this.#lot, 1_664_525) + 1_013_904_223) | 0;
    return this.#lot >>> 28 === 0;
  }

  /** Ends windows that are over at a denial's time, even if another stream is still before that. */
  #endDue(key: string, denial: Denial): void {
    for (const detector of this.#detectors) detector.endDue(denial);
    for (;;) {
      const window = this.#windows.get(key);
      if (window === undefined || denial.at < WINDOW.end(window)) return;
      if (!this.#end(key, window)) return;
    }
  }

  /**
   * Counts a denial where it belongs, or reports it; false if that is one alert too many: a storm.
   */
  #calm(key: string, denial: Denial): boolean {
    const { at, count } = denial;
    const now = this.#storm.furthest;
    for (const detector of this.#detectors) {
      if (detector.count(denial)) return true;
      const found = detector.watch(denial);
      if (found !== null) return found === true || this.#raise(found, now);
    }
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.count += count;
      this.#windows.set(key, window);
      return true;
    }
    if (!this.#raise({ kind: 'denial', at, count, denial }, now)) return false;
    if (this.#options.window > 0) this.#open(key, denial, 0);
    return true;
  }

  #raise(alert: Alert, at: number): boolean {
    const allowed = this.#storm.allow(at);
    if (allowed) this.#alerts.push(alert);
    return allowed;
  }

  #open(key: string, denial: Denial, count: number): void {
    while (this.#windows.isFull && this.#windows.size > 0) this.#giveUp(denial.at);
    this.#windows.set(key, { denial, start: denial.at, length: this.#options.window, count });
  }

  /** Ends a window. False if what it counted may not be reported: it stays for the storm. */
  #end(key: string, window: Window): boolean {
    const { start, length, count } = window;
    if (count > 0 && !this.#raise(repeat(window, length), start + length)) return false;
    if (count === 0 || this.#options.window === 0) this.#windows.delete(key);
    else {
      window.start += length;
      window.length = Math.min(2 * length, this.#options.maxWindow);
      window.count = 0;
      this.#windows.set(key, window);
    }
    return true;
  }

  /** Too many keys: closes the least active one early, and reports what it counted. */
  #giveUp(now: number): void {
    const spare = this.#storm.period === null ? 0 : 1;
    const least = this.#windows.least(({ count }) => Math.max(0, count - spare));
    if (least === undefined) return;
    const [key, window] = least;
    const length = Math.min(window.length, now - window.start);
    if (window.count > 0 && !this.#raise(repeat(window, length), now)) {
      this.#storm.giveUp(window.denial, window.count);
    }
    this.#windows.delete(key);
  }

  #endPeriod(period: Readonly<Period>): void {
    const { alert, keys } = summary(period, this.#windows.values(), this.#groupParts());
    if (alert !== null) this.#alerts.push(alert);
    for (const part of this.#ending()) part.clear();
    this.#storm.endPeriod(keys);
  }
}
