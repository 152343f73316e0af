/**
 * The systemd journal, read through `journalctl`. It works in rounds: check whether the place still
 * exists, read to the end, then follow. Reading and following use a `journalctl` each, because one
 * that follows never reports that it has reached the end.
 *
 * Where few entries match, the place soon is an old entry, which journald may delete although
 * everything after it was read. So a round ends after a while, and a round that found nothing moves
 * the place to the entry that was the newest when it began.
 *
 * A round also finds what the journalctl before it did not show. One that looks while journald writes
 * an entry may not show it before the next one comes: journald counts an entry first, and links it to
 * its fields then, but sd_journal_next(3) does not look again until the count has changed. So the first
 * round is short, and a round ends when the journal has changed and no next entry comes.
 */
import { once as event } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { streamOf, type JournalSettings } from './config.ts';
import { JournalctlError } from './command.ts';
import { JournalChanges } from './changes.ts';
import { backoff, JournalReader, type JournalOptions } from './reader.ts';
import type { Source, StreamState, Taker } from '../source.ts';
import { reasonWithPath } from '../../text/reason.ts';

/** When rounds end. The programs that a round starts take about 40 ms of CPU. */
export interface Rounds {
  /** How long they follow, ms; the last one repeats. */
  readonly follow: readonly number[];
  /** How long no entry must have come after the last change of the journal, ms. */
  readonly quiet: number;
  /** Shortest time between two that end because of a change, ms. */
  readonly apart: number;
}

const ROUNDS: Rounds = { follow: [2_000, 15 * 60_000], quiet: 2_000, apart: 2 * 60_000 };
/** Failures further apart than this, milliseconds, do not belong to one series. */
const SERIES = 60_000;
/** How often `once` tries to read a journal that fails. */
const TRIES_ONCE = 3;

/**
 * Opens the journal. Hands over the records of `journalctl -o json` as lines of one stream. A block
 * without bytes may come, to move the position. With `once`, `drained` also resolves when the
 * journal cannot be read: `streams` then gives the reason.
 */
export function openJournalSource(
  config: JournalSettings,
  taker: Taker,
  options: JournalOptions = {},
  rounds = ROUNDS,
): Source {
  return new JournalSource(config, taker, options, rounds);
}

class JournalSource implements Source {
  readonly #config: JournalSettings;
  readonly #rules: Rounds;
  readonly #taker: Taker;
  readonly #stream: string;
  readonly #once: boolean;
  readonly #reader: JournalReader;
  readonly #stopped = new AbortController();
  #problem: string | null = null;
  /** Callers that wait for a round that begins after their call; an abort of `next` begins one. */
  #waiting: (() => void)[] = [];
  #next = new AbortController();
  /** Rounds that have followed to their end. */
  #rounds = 0;
  /** When a round may end because of a change (performance.now). */
  #earliest = 0;
  readonly #running: Promise<void>;

  constructor(config: JournalSettings, taker: Taker, options: JournalOptions, rules: Rounds) {
    this.#config = config;
    this.#rules = rules;
    this.#taker = taker;
    this.#stream = streamOf(config);
    this.#once = options.once === true;
    const [stream, stopped] = [this.#stream, this.#stopped.signal];
    this.#reader = new JournalReader({ ...options, config, stream, taker, stopped });
    // A moment later, so that a caller that asks for the end at once gets it with the first round.
    this.#running = this.#once ? Promise.resolve().then(() => this.#run()) : this.#run();
  }

  streams(): StreamState[] {
    return [{ stream: this.#stream, behind: null, problem: this.#problem }];
  }

  drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#next.abort();
    return promise;
  }

  stop(): Promise<void> {
    this.#stopped.abort();
    return this.#running;
  }

  async #round(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    this.#next = new AbortController();
    if (this.#once) {
      await this.#catchUp(asked);
      const end = this.#end();
      if (!end.aborted) await event(end, 'abort');
      return;
    }
    const { quiet, apart } = this.#rules;
    // What comes from now on may not be shown.
    const changes = new JournalChanges(this.#config, { quiet, earliest: this.#earliest });
    try {
      await this.#catchUp(asked);
      if (!this.#end().aborted) await this.#follow(changes.settled);
      if (changes.settled.aborted) this.#earliest = performance.now() + apart;
    } finally {
      changes.close();
    }
  }

  async #catchUp(asked: (() => void)[]): Promise<void> {
    try {
      await this.#reader.catchUp();
    } catch (error) {
      this.#waiting.unshift(...asked);
      throw error;
    }
    this.#problem = null;
    for (const resolve of asked) resolve();
  }

  async #follow(settled: AbortSignal): Promise<void> {
    const { follow } = this.#rules;
    const over = AbortSignal.timeout(follow[Math.min(this.#rounds, follow.length - 1)]!);
    await this.#reader.follow(AbortSignal.any([this.#end(), over, settled]));
    if (over.aborted) this.#rounds++;
  }

  /** Aborts when the round is to end at once. */
  #end(): AbortSignal {
    return AbortSignal.any([this.#stopped.signal, this.#next.signal]);
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stopped.signal.aborted;) {
      const began = performance.now();
      try {
        await this.#round();
        failures = 0;
      } catch (error) {
        if (this.#stopped.signal.aborted) break;
        if (performance.now() - began > SERIES) failures = 0;
        this.#fails(error, failures === 0);
        const missing = error instanceof JournalctlError && error.kind === 'missing';
        failures = missing ? Infinity : failures + 1;
        if (this.#once && failures >= TRIES_ONCE)
          for (const resolve of this.#waiting.splice(0)) resolve();
        const { signal } = this.#stopped;
        await pause(backoff(failures - 1), null, { signal }).catch(() => {});
      }
    }
    for (const resolve of this.#waiting) resolve();
  }

  #fails(error: unknown, isFirst: boolean): void {
    this.#problem = reasonWithPath(error);
    if (isFirst) this.#taker.log.warn(`cannot read the journal, will try again: ${this.#problem}`);
    this.#taker.unreadable(this.#stream);
  }
}
