/**
 * From log lines to queued results: what a source hands over is parsed, folded, and stored in one
 * transaction with the position after it. When `take` returns, the denials in the block are on
 * disk; when it throws, nothing has changed.
 */
import type { Logger } from 'pino';
import { limitWarnings, type LimitedWarning } from '../host/limited-warnings.ts';
import type { Denial } from '../parse/denial.ts';
import { LONGEST_NAME } from '../parse/names.ts';
import { Parser, type ParserOptions } from '../parse/parser.ts';
import type { Unseen } from '../parse/unseen.ts';
import { isLockTrouble } from '../queue/error.ts';
import type { ResultConfig } from '../result/config.ts';
import type { Lines, Position, Taker } from '../source/source.ts';
import { safe } from '../text/name.ts';
import { Zone } from '../text/zone.ts';
import type { DaemonCount } from './daemon-counts.ts';
import { CatchUp, type Findings } from './catch-up.ts';
import { Folding, type FoldingConfig } from './folding.ts';
import { GoneStreams } from './gone.ts';
import { Inbox } from './inbox.ts';
import type { Line } from './line-times.ts';
import { OffsetWarnings } from './offset-warnings.ts';
import { AT_ONCE, Places } from './places.ts';
import { Timeline } from './timeline.ts';
import { WindowClock } from './window-clock.ts';
import { STORE_AGAIN, Writer, type WriterOptions } from './writer.ts';

export type PipelineConfig = ResultConfig & FoldingConfig;

export interface PipelineOptions extends WriterOptions {
  readonly config: PipelineConfig;
  /** The streams that are known at the start: those of a glob are added when they are read. */
  readonly streams: readonly string[];
  /** The zone of a stream's times that name none; by default this machine's. */
  readonly zoneOf?: (stream: string) => Zone;
  /** Which hosts relay the lines of others to a stream; by default none. */
  readonly isRelayOf?: ParserOptions['isRelayOf'];
  /** How lines are found; by default the fastest way. */
  readonly search?: ParserOptions['search'];
  readonly now?: () => number;
}

/** What the pipeline has done since it was created. */
export interface PipelineState {
  /** Blocks of lines that were processed: stored, or refused because of a disk error. */
  readonly handled: number;
  /** Refused connections, no matter how many lines reported each. */
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
  readonly #timeline: Timeline;
  readonly #catchUp: CatchUp;
  readonly #clock: WindowClock;
  readonly #inbox: Inbox;
  readonly #gone: GoneStreams;
  #handled = 0;
  #suspicious = 0;

  constructor({ now = Date.now, zoneOf = () => Zone.local, ...options }: PipelineOptions) {
    const { queue, streams, log } = options;
    this.log = log;
    this.#warn = limitWarnings(log, now);
    this.#timeline = new Timeline(streams, now);
    this.#folding = new Folding(options, now);
    this.#places = new Places(queue, () => this.#save());
    const stages = { folding: this.#folding, places: this.#places, timeline: this.#timeline };
    this.#writer = new Writer(options, stages, this.#warn);
    const { lastAlert = 0 } = queue.overview.totals();
    const latest = Math.max(lastAlert, this.#folding.latest());
    this.#clock = new WindowClock(stages, this.#writer, latest, now);
    const warnings = new OffsetWarnings(log);
    this.#catchUp = new CatchUp(this.#timeline, this.#writer, warnings, (stream) =>
      this.#clock.start(stream),
    );
    this.#inbox = new Inbox(queue, this.#writer);
    this.#gone = new GoneStreams(queue, this.#writer, now);
    this.#parser = new Parser({
      dating: (stream) => ({
        now: now(),
        zone: zoneOf(stream),
        after: this.#timeline.passed(stream),
      }),
      isRelayOf: options.isRelayOf,
      search: options.search,
    });
  }

  positionOf(stream: string): Position | undefined {
    this.#gone.remove(stream);
    this.#folding.follow(stream);
    const place = this.#places.of(stream);
    this.#catchUp.expect(stream, place?.time ?? null);
    if (place !== undefined) this.#parser.restore(stream, place.carry);
    return place?.position;
  }

  peek(stream: string): Position | undefined {
    this.#gone.remove(stream);
    return this.#places.of(stream)?.position;
  }

  take(block: Lines): void {
    const { stream, position } = block;
    this.#clock.stop(stream);
    this.#timeline.hasMore(stream);
    const carry = this.#parser.carry(stream);
    const found = this.#read(block);
    const isStored = this.#places.isStored(stream);
    const place = {
      position,
      carry: this.#parser.carry(stream),
      ...(!isStored && { first: block.bytes.length }),
    };
    const isNothing = found.lines.length === 0 && found.unseen.length === 0;
    if (isNothing && isStored) {
      this.#places.move(stream, place);
      this.#handled++;
      return;
    }
    try {
      this.#catchUp.take(stream, found, place);
      this.#handled++;
    } catch (error) {
      // A restart does not repair a disk; but waiting for a lock again and again is not progress.
      if (!isLockTrouble(error)) this.#handled++;
      this.#parser.restore(stream, carry);
      throw error;
    }
  }

  begin(places: ReadonlyMap<string, Position>): void {
    const begun = [...places].map(
      ([stream, position]) =>
        [stream, { position, carry: this.#parser.carry(stream), first: 0 }] as const,
    );
    this.#writer.write((folding) => folding.rest(), { begun: new Map(begun) });
  }

  caughtUp(stream: string): void {
    this.#catchUp.end(stream, 'live');
  }

  unreadable(stream: string): void {
    this.#catchUp.end(stream, 'away');
  }

  gone(stream: string): void {
    this.#catchUp.end(stream, 'away');
    // Its denials may wait for other streams.
    if (!this.#timeline.forget(stream)) return;
    this.#parser.forget(stream);
    this.#folding.unfollow(stream);
    this.#places.forget(stream);
    this.#gone.add(stream);
  }

  lost(stream: string, what: string): void {
    this.#warn(`lost ${stream}`, `log lines are lost: ${what}`, { stream });
  }

  /** Takes the denials that another process left in the queue. */
  takeInbox(): void {
    this.#inbox.take();
    this.#clock.advance();
  }

  /** Reports what open windows have counted, before they end. */
  closeWindows(): void {
    this.#writer.write((folding) => folding.advance(Number.MAX_SAFE_INTEGER));
  }

  state(): PipelineState {
    return {
      ...this.#writer.counts(),
      handled: this.#handled,
      open: this.#folding.open(),
      suspicious: this.#suspicious,
    };
  }

  /** Saves what is not saved yet. Take nothing after this. */
  close(): void {
    this.#clock.close();
    this.#catchUp.close();
    this.#inbox.close();
    this.#places.close();
    this.#gone.close();
    this.#writer.close();
  }

  #read(block: Lines): Findings {
    const { stream } = block;
    const lines: Line[] = [];
    const unseen: Unseen[] = [];
    const cut = this.#parser.namesCut;
    this.#parser.read(block, {
      denial: (denial, { dated }) => lines.push({ denial, dated }),
      forged: (denial, _, reason) => this.#forged(stream, denial, reason),
      unseen: (one) => unseen.push(one),
    });
    const names = this.#parser.namesCut - cut;
    if (names > 0)
      this.#warn('names', `names of more than ${LONGEST_NAME} characters were cut`, {
        stream,
        names,
      });
    return { lines, unseen };
  }

  #save(): void {
    const saved = this.#writer.attempt(() =>
      this.#writer.write((folding) => folding.rest(), { waiting: AT_ONCE }),
    );
    if (!saved) this.#places.later(STORE_AGAIN);
  }

  #forged(stream: string, { daemon, client }: Denial, reason: string): void {
    this.#suspicious++;
    const who = `${safe(daemon)}-${safe(client)}`;
    this.#warn(
      'forged',
      `a refusal of ${who} was forged, and is not counted: ${reason}; find out who did it`,
      { stream },
    );
  }
}
