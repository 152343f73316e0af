/**
 * From log lines to waiting results: what a source hands over is parsed, folded, and stored in one
 * transaction with the position behind it. When `take` returns, the denials in it are on disk; when
 * it throws, it is as if it had never been called.
 */
import type { Logger } from 'pino';
import { limitWarnings, type LimitedWarning } from '../host/limited-warnings.ts';
import type { Denial } from '../parse/denial.ts';
import { createParser, type Parser } from '../parse/parser.ts';
import { datingBy } from '../parse/time.ts';
import type { ResultConfig } from '../result/config.ts';
import type { Lines, Position, Taker } from '../source/source.ts';
import { safe } from '../text/name.ts';
import type { DaemonCount } from './daemon-counts.ts';
import { Folding, type FoldingConfig } from './folding.ts';
import { Inbox } from './inbox.ts';
import { Places } from './places.ts';
import { WindowClock } from './window-clock.ts';
import { STORE_AGAIN, Writer, type WriterOptions } from './writer.ts';

export type PipelineConfig = ResultConfig & FoldingConfig;

export interface PipelineOptions extends WriterOptions {
  readonly config: PipelineConfig;
  /** The streams that are known before one is found: a glob's come when they are read. */
  readonly streams: readonly string[];
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

export class Pipeline implements Taker {
  readonly log: Logger;
  readonly #warn: LimitedWarning;
  readonly #parser: Parser;
  readonly #folding: Folding;
  readonly #places: Places;
  readonly #writer: Writer;
  readonly #clock: WindowClock;
  readonly #inbox: Inbox;
  #offered = 0;
  #suspicious = 0;

  constructor({ now = Date.now, ...options }: PipelineOptions) {
    const { queue, log } = options;
    this.log = log;
    this.#warn = limitWarnings(log, now);
    this.#parser = createParser({ dating: () => datingBy(now()) });
    this.#folding = new Folding(options, now);
    this.#places = new Places(queue, () => this.#save());
    this.#writer = new Writer(options, this.#folding, this.#places, now);
    const { lastAlert = 0 } = queue.report.totals();
    this.#clock = new WindowClock(this.#folding, this.#writer, lastAlert, now);
    this.#inbox = new Inbox(queue, this.#writer);
  }

  positionOf(stream: string): Position | undefined {
    this.#folding.follow(stream);
    const place = this.#places.of(stream);
    if (place !== undefined) this.#parser.restore(stream, place.carry);
    return place?.position;
  }

  take({ stream, bytes, position }: Lines): void {
    this.#clock.stop(stream);
    this.#offered++;
    const carry = this.#parser.carry(stream);
    const denials = this.#read(stream, bytes);
    const place = { position, carry: this.#parser.carry(stream) };
    if (denials.length === 0 && this.#places.isStored(stream)) {
      this.#places.move(stream, place);
      return;
    }
    try {
      this.#writer.write((folding) => folding.add(denials, stream), { moved: [stream, place] });
    } catch (error) {
      this.#parser.restore(stream, carry);
      throw error;
    }
  }

  caughtUp(stream: string): void {
    this.#clock.start(stream);
  }

  lost(stream: string, what: string): void {
    this.#warn(`lost ${stream}`, `log lines are lost: ${what}`, { stream });
  }

  /** Takes the denials that another process left in the queue. */
  takeInbox(): void {
    this.#inbox.take();
    this.#clock.advance();
  }

  /** Reports what open windows have counted, before their time. */
  closeWindows(): void {
    this.#writer.write((folding) => folding.advance(Number.MAX_SAFE_INTEGER));
  }

  state(): PipelineState {
    return {
      ...this.#writer.counts(),
      offered: this.#offered,
      open: this.#folding.open(),
      suspicious: this.#suspicious,
    };
  }

  /** Saves what is not saved yet. Nothing may be taken after this. */
  close(): void {
    this.#clock.close();
    this.#inbox.close();
    this.#places.close();
  }

  #read(stream: string, bytes: Buffer): Denial[] {
    const denials: Denial[] = [];
    this.#parser.read(
      { stream, bytes },
      {
        denial: (denial) => denials.push(denial),
        forged: (denial, _, reason) => this.#forged(stream, denial, reason),
      },
    );
    return denials;
  }

  #save(): void {
    const saved = this.#writer.attempt(() => this.#writer.write((folding) => folding.rest()));
    if (!saved) this.#places.later(STORE_AGAIN);
  }

  #forged(stream: string, { daemon, client }: Denial, reason: string): void {
    this.#suspicious++;
    const who = `${safe(daemon)}-${safe(client)}`;
    this.#warn(
      'forged',
      `a refusal of ${who} is forged, and not counted: ${reason}; ask who that is`,
      { stream },
    );
  }
}
