/**
 * The fold between two transactions: applies rules and the history to what it counts. After a
 * failed transaction the fold has counted what is not stored, so it is rebuilt from its rows.
 */
import type { Logger } from 'pino';
import type { Alert } from '../fold/alert.ts';
import type { FoldConfig } from '../fold/config.ts';
import { Fold } from '../fold/fold.ts';
import type { Unseen } from '../parse/unseen.ts';
import type { Queue } from '../queue/queue.ts';
import type { RuleConfig } from '../result/rules-config.ts';
import { firstRule } from '../result/rules.ts';
import { HistoryCounts } from './history-counts.ts';
import type { Timed } from './timeline.ts';

export interface FoldingConfig {
  readonly fold: FoldConfig;
  readonly rules: readonly RuleConfig[];
}

export interface FoldingOptions {
  readonly config: FoldingConfig;
  readonly queue: Queue;
  readonly log: Logger;
  /** The streams that are known at the start. */
  readonly streams: readonly string[];
}

/** What to count. */
export interface Due {
  readonly denials?: readonly Timed[];
  /** Due denials: every stream has passed their time. */
  readonly inOrder?: boolean;
  /** They come from another process, and not from a log. */
  readonly areBrought?: boolean;
  readonly unseen?: readonly { readonly unseen: Unseen; readonly stream: string }[];
}

/** The outcome of a step of the fold. */
export interface Folded {
  readonly alerts: readonly Alert[];
  /** Denials that it counted. */
  readonly history: HistoryCounts;
  readonly denials: number;
  /** How many of them a rule ignores. */
  readonly ignored: number;
}

/** Nearly no denial of a flood has alerts. */
function add(alerts: Alert[], more: readonly Alert[]): void {
  if (more.length > 0) alerts.push(...more);
}

/** Alerts without new denials. */
const alertsOnly = (alerts: readonly Alert[]): Folded => ({
  alerts,
  history: new HistoryCounts(0),
  denials: 0,
  ignored: 0,
});

export class Folding {
  readonly #options: FoldingOptions;
  readonly #ruleFor: ReturnType<typeof firstRule>;
  readonly #now: () => number;
  readonly #streams: Set<string>;
  /** Null after storing has failed: then it has counted what is not stored. */
  #fold: Fold | null = null;

  constructor(options: FoldingOptions, now: () => number) {
    this.#options = options;
    this.#ruleFor = firstRule(options.config.rules);
    this.#now = now;
    this.#streams = new Set(options.streams);
    options.queue.beginReported(this.#made().open());
  }

  /** The latest of all times that are stored, ms since 1970; -Infinity without any. */
  latest(): number {
    return this.#made().latest;
  }

  /** A stream is about to be read. */
  follow(stream: string): void {
    if (this.#streams.has(stream)) return;
    this.#streams.add(stream);
    this.#fold?.follow([stream]);
  }

  /** The file of a stream is gone. */
  unfollow(stream: string): void {
    this.#streams.delete(stream);
    this.#fold?.unfollow(stream);
  }

  /** Counts what is due. */
  add({ denials = [], inOrder = false, areBrought = false, unseen = [] }: Due): Folded {
    const fold = this.#made();
    const history = new HistoryCounts(this.#now());
    let counted = 0;
    let ignored = 0;
    const alerts: Alert[] = [];
    for (const { denial, stream } of denials) {
      if (inOrder) add(alerts, fold.advance(denial.at));
      const ignore = this.#ruleFor(denial)?.ignore === true;
      const added = fold.add(denial, stream, ignore);
      if (added.count > 0) history[areBrought ? 'addBrought' : 'add'](denial, added.count);
      counted += added.count;
      if (ignore) ignored += added.count;
      add(alerts, added.alerts);
    }
    for (const { unseen: one, stream } of unseen) {
      const count = fold.addUnseen(one, stream);
      if (count > 0) history.addUnseen(one, count);
    }
    return { alerts, history, denials: counted, ignored };
  }

  /** Every stream was read up to this time, ms since 1970. */
  advance(now: number): Folded {
    return alertsOnly(this.#made().advance(now));
  }

  /** The clock was set back to this. */
  setBack(now: number): Folded {
    return alertsOnly(this.#made().setBack(now));
  }

  /** Counts nothing. */
  rest(): Folded {
    return alertsOnly([]);
  }

  /** The rows that changed since the last call; null where one is to be deleted. */
  changes(): (readonly [key: string, value: string | null])[] {
    return this.#made().changes();
  }

  /** The changes could not be stored. */
  discard(): void {
    this.#fold = null;
  }

  /** When `advance` has something to do next, ms since 1970; null if never. */
  next(): number | null {
    return this.#fold === null ? 0 : this.#fold.next();
  }

  /** How many denials were counted that no alert has reported yet. */
  open(): number {
    return this.#fold?.open() ?? 0;
  }

  #made(): Fold {
    if (this.#fold !== null) return this.#fold;
    const { config, queue, log } = this.#options;
    this.#fold = new Fold(config.fold, queue.folds());
    this.#fold.follow(this.#streams);
    const { unreadable } = this.#fold;
    if (unreadable > 0)
      log.warn(
        { rows: unreadable },
        'dropped unreadable open windows from the queue: no alert reports what they had counted',
      );
    return this.#fold;
  }
}
