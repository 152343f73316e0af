/**
 * From log lines to waiting results: what a source hands over is parsed, folded, and stored in one
 * transaction with the position behind it. When `take` returns, the denials in it are on disk; when
 * it throws, it is as if it had never been called.
 */
import type { Logger } from 'pino';
import { DaemonCounts, type DaemonCount } from './daemon-counts.ts';
import type { Alert } from '../fold/alert.ts';
import type { FoldConfig } from '../fold/config.ts';
import { Fold } from '../fold/fold.ts';
import { limitWarnings, type LimitedWarning } from '../host/limited-warnings.ts';
import type { Denial } from '../parse/denial.ts';
import { safe } from '../text/name.ts';
import { createParser, type Carry, type Parser } from '../parse/parser.ts';
import { datingBy } from '../parse/time.ts';
import type { Queue } from '../queue/queue.ts';
import type { NewResult } from '../queue/result.ts';
import type { ResultConfig } from '../result/config.ts';
import { firstRule } from '../result/rules.ts';
import type { Lines, Position, Taker } from '../source/source.ts';
import { HistoryCounts } from './history-counts.ts';
import { resultMaker } from '../result/from-alert.ts';

/**
 * A position that moved over lines without a denial is saved no later than this, ms: after a crash
 * such lines are read again, which costs time and nothing else.
 */
const SAVE_AFTER = 30_000;
/** A line may be written so long after the time that it tells, ms: windows are kept open for it. */
const WRITING = 1000;
/** A clock that goes back by more than this was set, ms. */
const SET_BACK = 60_000;
/** How soon storing is tried again that failed, ms. */
const STORE_AGAIN = 5000;
const INBOX_BLOCK = 500;
const HOUR = 3_600_000;
/** The stream that denials from the queue's inbox count as. */
const INBOX = 'denywatch denied';

export interface PipelineConfig extends ResultConfig {
  readonly fold: FoldConfig;
}

export interface PipelineOptions {
  readonly config: PipelineConfig;
  /** The streams that are known before one is found: a glob's come when they are read. */
  readonly streams: readonly string[];
  readonly queue: Queue;
  readonly log: Logger;
  /** Names of the monitors that each result is for. */
  readonly monitors: readonly string[];
  /** Called when results were queued. */
  readonly onResults: () => void;
  readonly now?: () => number;
}

/** What the pipeline did since it was made. */
export interface PipelineState {
  /** Blocks of lines that sources offered. */
  readonly offered: number;
  /** Refused connections, however many lines reported each. */
  readonly denials: number;
  readonly alerts: number;
  /** Denials that are counted in open windows and not reported yet. */
  readonly open: number;
  /** Lines that look like a denial and were forged by a local user. */
  readonly suspicious: number;
  /** Refused connections by daemon. */
  readonly daemons: readonly DaemonCount[];
}

interface Place {
  readonly position: Position;
  readonly carry: Carry;
}

/** What came of what a fold was given. */
interface Folded {
  readonly alerts: readonly Alert[];
  /** Denials that it counted. */
  readonly history: HistoryCounts;
  readonly denials: number;
  /** How many of them a rule says to ignore. */
  readonly ignored: number;
}

/** Alerts without new denials. */
const alertsOnly = (alerts: readonly Alert[]): Folded => ({
  alerts,
  history: new HistoryCounts(0),
  denials: 0,
  ignored: 0,
});

export class Pipeline implements Taker {
  readonly log: Logger;
  readonly #options: PipelineOptions;
  readonly #now: () => number;
  readonly #warn: LimitedWarning;
  readonly #ruleFor: ReturnType<typeof firstRule>;
  readonly #resultOf: ReturnType<typeof resultMaker>;
  readonly #parser: Parser;
  readonly #daemons = new DaemonCounts();
  readonly #counts = { offered: 0, denials: 0, alerts: 0, suspicious: 0 };
  readonly #streams = new Set<string>();
  /** Streams with a place in the queue file. */
  readonly #saved = new Set<string>();
  /** Places that are not saved yet. */
  readonly #moved = new Map<string, Place>();
  /** Streams with more to read: until they are through, the time is what their lines say. */
  readonly #behind = new Set<string>();
  /** Null after storing has failed: then it has counted what is not stored, and is made anew. */
  #fold: Fold | null = null;
  /** The latest that the clock is known to have been, ms since 1970. */
  #latest: number;
  #saveTimer: NodeJS.Timeout | undefined;
  #foldTimer: NodeJS.Timeout | undefined;
  #inboxTimer: NodeJS.Timeout | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.log = options.log;
    this.#now = options.now ?? Date.now;
    this.#ruleFor = firstRule(options.config.rules);
    this.#resultOf = resultMaker(options.config);
    this.#warn = limitWarnings(options.log, this.#now);
    this.#parser = createParser({ dating: () => datingBy(this.#now()) });
    this.#follow(options.streams);
    this.#theFold();
    this.#latest = options.queue.report.totals()['lastAlert'] ?? 0;
  }

  positionOf(stream: string): Position | undefined {
    this.#follow([stream]);
    const saved =
      this.#moved.get(stream) ?? (this.#options.queue.position(stream) as Place | undefined);
    if (saved === undefined) return undefined;
    this.#saved.add(stream);
    this.#parser.restore(stream, saved.carry);
    return saved.position;
  }

  take({ stream, bytes, position }: Lines): void {
    this.#behind.add(stream);
    this.#counts.offered++;
    const carry = this.#parser.carry(stream);
    const denials: Denial[] = [];
    this.#parser.read(
      { stream, bytes },
      {
        denial: (denial) => denials.push(denial),
        forged: (denial, _, reason) => this.#forged(stream, denial, reason),
      },
    );
    const place = { position, carry: this.#parser.carry(stream) };
    // The first place of all is stored at once: without it the next start would be a first one again.
    if (denials.length === 0 && this.#saved.has(stream)) {
      this.#moved.set(stream, place);
      this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_AFTER);
      return;
    }
    try {
      this.#store(
        (fold) => this.#addAll(fold, denials, stream),
        new Map(this.#moved).set(stream, place),
      );
    } catch (error) {
      this.#parser.restore(stream, carry);
      throw error;
    }
  }

  caughtUp(stream: string): void {
    this.#behind.delete(stream);
    this.#advance();
  }

  lost(stream: string, what: string): void {
    this.#warn(`lost ${stream}`, `log lines are lost: ${what}`, { stream });
  }

  /** Takes the denials that another process left in the queue. */
  takeInbox(): void {
    clearTimeout(this.#inboxTimer);
    const taken = this.#try(() => {
      for (;;) {
        const left = this.#options.queue.inbox(INBOX_BLOCK);
        if (left.length === 0) return;
        const denials = left.map(({ denial }) => denial as Denial);
        const ids = left.map(({ id }) => id);
        this.#store((fold) => this.#addAll(fold, denials, INBOX), this.#moved, ids);
      }
    });
    if (!taken) this.#inboxTimer = setTimeout(() => this.takeInbox(), STORE_AGAIN);
    this.#advance();
  }

  /** Reports what open windows have counted, before their time. */
  closeWindows(): void {
    this.#store((fold) => advanced(fold, Number.MAX_SAFE_INTEGER));
  }

  state(): PipelineState {
    return { ...this.#counts, open: this.#fold?.open() ?? 0, daemons: this.#daemons.all() };
  }

  /** Saves what is not saved yet. Nothing may be taken after this. */
  close(): void {
    clearTimeout(this.#foldTimer);
    clearTimeout(this.#inboxTimer);
    this.#save();
    clearTimeout(this.#saveTimer);
  }

  /** Closes the windows that have ended, once every stream was read to its end. */
  #advance(): void {
    if (this.#behind.size > 0) return;
    const due = this.#fold === null ? 0 : this.#fold.next();
    clearTimeout(this.#foldTimer);
    if (due === null) return;
    const now = this.#now() - WRITING;
    const setBack = now < this.#latest - SET_BACK;
    const wait = due - now;
    if (wait > 0 && !setBack) {
      this.#latest = now;
      this.#foldTimer = setTimeout(() => this.#advance(), Math.min(wait, HOUR));
      return;
    }
    const again = this.#try(() =>
      this.#store((fold) => (setBack ? wasSetBack(fold, now) : advanced(fold, now))),
    );
    if (again) this.#latest = now;
    this.#foldTimer = setTimeout(() => this.#advance(), again ? 0 : STORE_AGAIN);
  }

  #save(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    if (this.#moved.size === 0) return;
    const saved = this.#try(() => this.#store(() => alertsOnly([])));
    if (!saved) this.#saveTimer = setTimeout(() => this.#save(), STORE_AGAIN);
  }

  #try(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (err) {
      this.#warn(
        'store',
        'cannot store in the queue file; is the disk full? Nothing is lost, it is tried again',
        { err },
      );
      return false;
    }
  }

  /** One transaction: what `work` makes of the fold, and all that goes with it. */
  #store(
    work: (fold: Fold) => Folded,
    places: ReadonlyMap<string, Place> = this.#moved,
    inbox: readonly number[] = [],
  ): void {
    const { queue } = this.#options;
    const fold = this.#theFold();
    try {
      const { alerts, history, denials, ignored } = work(fold);
      const happened = history.happened(alerts);
      const dropped = queue.store({
        positions: [...places].map(([stream, place]) => ({ stream, ...place })),
        folds: fold.changes(),
        results: alerts.flatMap((alert) => this.#results(alert)),
        denials,
        happened,
        alerts: alerts.length,
        ignored,
        inbox,
      });
      for (const stream of places.keys()) this.#saved.add(stream);
      this.#moved.clear();
      this.#counts.denials += denials;
      this.#daemons.add(happened);
      this.#counts.alerts += alerts.length;
      if (dropped.results > 0)
        this.#warn(
          'dropped',
          'the queue is full, and what is worth least was dropped; mend the monitor, or raise the bounds under queue',
          dropped,
        );
      if (alerts.length > 0) this.#options.onResults();
    } catch (error) {
      this.#fold = null;
      throw error;
    }
  }

  #theFold(): Fold {
    if (this.#fold === null) {
      this.#fold = new Fold(this.#options.config.fold, this.#options.queue.folds());
      this.#fold.follow(this.#streams);
    }
    return this.#fold;
  }

  /** Tells the fold which streams there are, before the first line of a new one is read. */
  #follow(streams: readonly string[]): void {
    if (streams.every((stream) => this.#streams.has(stream))) return;
    for (const stream of streams) this.#streams.add(stream);
    this.#fold?.follow(this.#streams);
  }

  #addAll(fold: Fold, denials: readonly Denial[], stream: string): Folded {
    const history = new HistoryCounts(this.#now());
    let counted = 0;
    let ignored = 0;
    const alerts = denials.flatMap((denial) => {
      const ignore = this.#ruleFor(denial)?.ignore === true;
      const added = fold.add(denial, stream, ignore);
      if (added.count > 0) history.add(denial, added.count);
      counted += added.count;
      if (ignore) ignored += added.count;
      return added.alerts;
    });
    return { alerts, history, denials: counted, ignored };
  }

  #results(alert: Alert): NewResult[] {
    const result = this.#resultOf(alert);
    return this.#options.monitors.map((monitor) => ({ monitor, ...result }));
  }

  #forged(stream: string, { daemon, client }: Denial, reason: string): void {
    this.#counts.suspicious++;
    const who = `${safe(daemon)}-${safe(client)}`;
    this.#warn(
      'forged',
      `a refusal of ${who} is forged, and not counted: ${reason}; ask who that is`,
      { stream },
    );
  }
}

const wasSetBack = (fold: Fold, now: number) => alertsOnly(fold.setBack(now));
const advanced = (fold: Fold, now: number) => alertsOnly(fold.advance(now));
