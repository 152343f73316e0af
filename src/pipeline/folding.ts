/**
 * The fold between two transactions: rules and the history applied to what it counts. After a
 * transaction has failed the fold has counted what is not stored, so it is made anew of its rows.
 */
import type { Alert } from '../fold/alert.ts';
import type { FoldConfig } from '../fold/config.ts';
import { Fold } from '../fold/fold.ts';
import type { Denial } from '../parse/denial.ts';
import type { Queue } from '../queue/queue.ts';
import type { RuleConfig } from '../result/rules-config.ts';
import { firstRule } from '../result/rules.ts';
import { HistoryCounts } from './history-counts.ts';

export interface FoldingConfig {
  readonly fold: FoldConfig;
  readonly rules: readonly RuleConfig[];
}

/** What came of what a fold was given. */
export interface Folded {
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

export class Folding {
  readonly #config: FoldConfig;
  readonly #ruleFor: ReturnType<typeof firstRule>;
  readonly #queue: Queue;
  readonly #now: () => number;
  readonly #streams: Set<string>;
  /** Null after storing has failed: then it has counted what is not stored. */
  #fold: Fold | null = null;

  /** @param streams that are known before one is found */
  constructor(config: FoldingConfig, queue: Queue, streams: readonly string[], now: () => number) {
    this.#config = config.fold;
    this.#ruleFor = firstRule(config.rules);
    this.#queue = queue;
    this.#now = now;
    this.#streams = new Set(streams);
    this.#made();
  }

  /** A stream is about to be read. */
  follow(stream: string): void {
    if (this.#streams.has(stream)) return;
    this.#streams.add(stream);
    this.#fold?.follow(this.#streams);
  }

  /** Counts the denials of a stream. */
  add(denials: readonly Denial[], stream: string): Folded {
    const fold = this.#made();
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

  /** Every stream was read as far as this, ms since 1970. */
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
    if (this.#fold === null) {
      this.#fold = new Fold(this.#config, this.#queue.folds());
      this.#fold.follow(this.#streams);
    }
    return this.#fold;
  }
}
