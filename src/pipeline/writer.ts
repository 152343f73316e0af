/**
 * The transaction: the fold's state, the positions after the denials, results, history and totals
 * are stored together or not at all.
 */
import type { Logger } from 'pino';
import type { Alert } from '../fold/alert.ts';
import type { LimitedWarning } from '../host/limited-warnings.ts';
import type { Queue, StoredPosition } from '../queue/queue.ts';
import type { NewResult } from '../queue/result.ts';
import type { ResultConfig } from '../result/config.ts';
import { resultMaker } from '../result/from-alert.ts';
import { DaemonCounts, type DaemonCount } from './daemon-counts.ts';
import type { Folded, Folding } from './folding.ts';
import { ALONG, type Place, type Places } from './places.ts';
import { savedTime, type StreamTime, type Timeline } from './timeline.ts';
import { UnseenWarnings } from './unseen-warnings.ts';

/** How soon failed storing is tried again, ms. */
export const STORE_AGAIN = 5000;

export interface WriterOptions {
  readonly config: ResultConfig;
  readonly queue: Queue;
  readonly log: Logger;
  /** Names of the monitors that each result is for. */
  readonly monitors: readonly string[];
  /** Called when results were queued. */
  readonly onResults: () => void;
}

/** The parts whose states are stored together. */
export interface Stages {
  readonly folding: Folding;
  readonly places: Places;
  readonly timeline: Timeline;
}

/** What is stored together with the fold's outcome. */
export interface Along {
  /** Denials in the queue's inbox that are counted now. */
  readonly inbox?: readonly number[];
  /** A stream whose place has moved. */
  readonly moved?: readonly [stream: string, place: Place];
  /** The new state of the times of streams. */
  readonly times?: ReadonlyMap<string, StreamTime>;
  /** Streams from which nothing was read yet. */
  readonly begun?: ReadonlyMap<string, Place>;
  /** How many of the places that wait to be saved are saved now. */
  readonly waiting?: number;
}

export class Writer {
  readonly #options: WriterOptions;
  readonly #resultOf: ReturnType<typeof resultMaker>;
  readonly #warn: LimitedWarning;
  readonly #folding: Folding;
  readonly #places: Places;
  readonly #timeline: Timeline;
  readonly #daemons = new DaemonCounts();
  readonly #unseen: UnseenWarnings;
  #denials = 0;
  #alerts = 0;

  constructor(options: WriterOptions, stages: Stages, warn: LimitedWarning) {
    this.#options = options;
    this.#resultOf = resultMaker(options.config);
    this.#warn = warn;
    this.#folding = stages.folding;
    this.#places = stages.places;
    this.#timeline = stages.timeline;
    this.#unseen = new UnseenWarnings(options.log);
  }

  /** What was stored: refused connections, also by daemon, and alerts. */
  counts(): { denials: number; alerts: number; daemons: readonly DaemonCount[] } {
    return { denials: this.#denials, alerts: this.#alerts, daemons: this.#daemons.all() };
  }

  /**
   * Stores what `work` does with the fold, and places that have moved.
   * @throws where it cannot be stored: then nothing is stored
   */
  write(work: (folding: Folding) => Folded, along: Along = {}): void {
    const times = along.times ?? new Map<string, StreamTime>();
    const moved = new Map(along.begun);
    if (along.moved !== undefined) moved.set(...along.moved);
    const places = this.#places.withThose(times.keys(), moved, along.waiting ?? ALONG);
    const positions = Array.from(places, ([stream, { position, carry, first }]) => {
      const time = savedTime(times.get(stream) ?? this.#timeline.of(stream));
      const saved = { stream, position, carry: { parser: carry, time } };
      return first === undefined ? saved : { ...saved, first };
    });
    let alerts: readonly Alert[];
    try {
      alerts = this.#store(work(this.#folding), positions, along.inbox ?? []);
    } catch (error) {
      this.#folding.discard();
      throw error;
    }
    this.#places.stored(places.keys());
    if (alerts.length > 0) this.#options.onResults();
  }

  /** Reports what was counted and not reported. */
  close(): void {
    this.#unseen.close();
  }

  /** Runs a function that stores something; reports and returns false where that fails. */
  attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (err) {
      this.#warn(
        'store',
        'cannot write to the queue file, will try again; is the disk full? Nothing is lost',
        { err },
      );
      return false;
    }
  }

  #store(
    { alerts, history, denials, ignored }: Folded,
    positions: readonly StoredPosition[],
    inbox: readonly number[],
  ): readonly Alert[] {
    const happened = history.happened(alerts);
    this.#options.queue.store({
      positions,
      folds: this.#folding.changes(),
      results: alerts.flatMap((alert) => this.#results(alert)),
      denials,
      happened,
      alerts: alerts.length,
      reported: alerts.reduce((sum, { count }) => sum + count, 0),
      ignored,
      inbox,
    });
    this.#denials += denials;
    this.#alerts += alerts.length;
    this.#daemons.add(happened);
    for (const one of happened.unseen) this.#unseen.add(one);
    return alerts;
  }

  #results(alert: Alert): NewResult[] {
    const result = this.#resultOf(alert);
    return this.#options.monitors.map((monitor) => ({ monitor, ...result }));
  }
}
