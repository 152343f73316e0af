/**
 * Reads the logs again: the sources, the parser, the recognition of duplicates and the history are
 * the agent's own, with a queue in memory. Each stream is read from some time before the period up
 * to the place that the agent has stored; what it has not read yet is only counted.
 */
import { pino } from 'pino';
import type { Denial } from '../parse/denial.ts';
import { Parser } from '../parse/parser.ts';
import { messagePattern } from '../parse/search.ts';
import { attributionOf } from '../pipeline/attribution.ts';
import { Pipeline, type PipelineConfig } from '../pipeline/pipeline.ts';
import { HistoryCounts, storedName } from '../pipeline/history-counts.ts';
import { savedTimeIn, type SavedTime } from '../pipeline/timeline.ts';
import { HOUR, type HistoryBounds } from '../queue/history.ts';
import type { Refused } from '../queue/history-reader.ts';
import { NO_FILE } from '../queue/file.ts';
import type { SavedStream } from '../queue/proof-reader.ts';
import { Queue, type Batch, type StoredPosition } from '../queue/queue.ts';
import type { Bounds } from '../queue/room.ts';
import type { RuleConfig } from '../result/rules-config.ts';
import {
  bytesBefore,
  lookAtSource,
  openSource,
  streamOf,
  type SourceConfig,
} from '../source/kinds.ts';
import type { Lines, Position, Source, Taker } from '../source/source.ts';

/** The part of the configuration that the counts depend on. */
export interface ReplayConfig extends PipelineConfig {
  readonly sources: readonly SourceConfig[];
  readonly queue: Bounds;
  readonly history: HistoryBounds;
}

export interface ReplayOptions {
  /** Where to begin, ms since 1970. */
  readonly since: number;
  readonly now: number;
  /** The logging host whose unread lines are counted, named as in the history; null for all. */
  readonly host: string | null;
  /** The streams as the agent has stored them. */
  readonly saved: readonly SavedStream[];
}

/** What was found in the logs. */
export interface Replayed {
  /** Refusals by hour, host, daemon and client, in this order; named like those of the history. */
  readonly rows: readonly Refused[];
  /** Lines with refusals that the agent has not read yet. */
  readonly unread: number;
  /** Why streams could not be read. */
  readonly problems: readonly string[];
  /** What the sources could not read of others. */
  readonly losses: readonly string[];
}

/** All are counted, and none is reported: so no window is opened. */
const IGNORE: RuleConfig = {
  if: { daemon: [], client: [], user: [], host: [], hour: [] },
  ignore: true,
  state: null,
  service: null,
  host: null,
  output: null,
};
/**
 * How many connections are remembered that another stream may have, too: streams are read at
 * different speeds. It is the most that `fold.keys` may be.
 */
export const REMEMBERED = 1_000_000;
/** Most rows that are read at once: as many as the queue can hold. */
const ROWS = Number.MAX_SAFE_INTEGER;

/** Reads the sources of a configuration to their ends. */
export async function replay(config: ReplayConfig, options: ReplayOptions): Promise<Replayed> {
  const { since } = options;
  const now = () => options.now;
  const queue = new Queue(NO_FILE, {
    bounds: config.queue,
    history: { ...config.history, keep: options.now - since + HOUR },
    now,
  });
  queue.store({ ...NOTHING, positions: options.saved.map(clocksOf) });
  const log = pino({ enabled: false });
  const pipeline = new Pipeline({
    config: {
      ...config,
      rules: [IGNORE],
      fold: { ...config.fold, keys: REMEMBERED },
    },
    streams: config.sources.map(streamOf),
    ...attributionOf(config.sources),
    queue,
    log,
    monitors: [],
    onResults: () => {},
    now,
  });
  const reading = new Reading(config.sources, pipeline, options);
  const sources: Source[] = [];
  try {
    const opening = { once: true, grep: messagePattern(), since };
    for (const source of config.sources) sources.push(openSource(source, reading, opening));
    await Promise.all(sources.map((source) => source.drained()));
    const problems = await problemsOf(config.sources, sources);
    const rows = queue.history.rows({ since, until: Infinity, host: null }, null, ROWS);
    return { rows, unread: reading.unread, problems, losses: reading.losses };
  } finally {
    for (const source of sources) await source.stop();
    pipeline.close();
    queue.close();
  }
}

/** A batch that stores nothing. */
const NOTHING: Batch = {
  positions: [],
  folds: [],
  results: [],
  denials: 0,
  happened: new HistoryCounts(0).happened([]),
  alerts: 0,
  reported: 0,
  ignored: 0,
  inbox: [],
};

/** How far the clocks of the hosts that write to a stream are off: all that is known at its start. */
function clocksOf({ stream, position, carry }: SavedStream): StoredPosition {
  const { offsets = [] } = savedTimeIn(carry) ?? {};
  const time: SavedTime = { passed: null, shown: null, offsets, unsettled: [], waiting: [] };
  return { stream, position, carry: { parser: null, time } };
}

/** Why streams cannot be read, except those that are missing: of these there is nothing to read. */
async function problemsOf(
  configs: readonly SourceConfig[],
  sources: readonly Source[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const [i, source] of sources.entries()) {
    const failed = source.streams().filter(({ problem }) => problem !== null);
    if (failed.length === 0) continue;
    const { streams } = await lookAtSource(configs[i]!, { grep: messagePattern() });
    const missing = new Set(streams.filter((it) => it.isMissing).map(({ stream }) => stream));
    for (const { stream, problem } of failed)
      if (!missing.has(stream)) problems.push(`${stream}: ${problem}`);
  }
  return problems;
}

/** Passes on what the agent has read of each stream, and counts what follows. */
class Reading implements Taker {
  readonly log: Pipeline['log'];
  /** What the sources could not read. */
  readonly losses: string[] = [];
  /** Lines with refusals that the agent has not read yet. */
  unread = 0;
  readonly #sources: readonly SourceConfig[];
  readonly #pipeline: Pipeline;
  readonly #saved: ReadonlyMap<string, SavedStream>;
  readonly #positions = new Map<string, Position>();
  readonly #since: number;
  readonly #host: string | null;
  readonly #later: Parser;

  constructor(
    sources: readonly SourceConfig[],
    pipeline: Pipeline,
    { since, saved, now, host }: ReplayOptions,
  ) {
    this.log = pipeline.log;
    this.#sources = sources;
    this.#pipeline = pipeline;
    this.#since = since;
    this.#host = host;
    this.#saved = new Map(saved.map((stream) => [stream.stream, stream]));
    const { zoneOf, isRelayOf } = attributionOf(sources);
    const dating = (stream: string) => ({ now, zone: zoneOf(stream), after: -Infinity });
    this.#later = new Parser({ dating, isRelayOf });
  }

  /** None: each stream is read from its beginning. */
  positionOf(stream: string): undefined {
    this.#pipeline.positionOf(stream);
  }

  /** Where the agent is: it shows the source which files belong to a stream. */
  peek(stream: string): Position | undefined {
    return this.#saved.get(stream)?.position;
  }

  take(block: Lines): void {
    const { stream, bytes, position } = block;
    const saved = this.#saved.get(stream);
    const previous = this.#positions.get(stream);
    const upTo = (place: Parameters<typeof bytesBefore>[3]) =>
      bytesBefore(this.#sources, block, previous, place);
    const end = saved === undefined ? 0 : upTo({ position: saved.position, less: 0 });
    const first = saved?.first ?? null;
    const begin = first !== null && first.at > this.#since ? Math.min(end, upTo(first)) : 0;
    this.#positions.set(stream, position);
    this.#pipeline.take({ stream, bytes: bytes.subarray(begin, end), position });
    const rest = bytes.subarray(end);
    if (rest.length > 0)
      this.#later.read({ stream, bytes: rest }, { denial: (denial) => this.#addUnread(denial) });
  }

  #addUnread({ host, count }: Denial): void {
    if (this.#host === null || storedName(host) === this.#host) this.unread += count;
  }

  begin(places: ReadonlyMap<string, Position>): void {
    this.#pipeline.begin(places);
  }

  caughtUp(stream: string): void {
    this.#pipeline.caughtUp(stream);
  }

  unreadable(stream: string): void {
    this.#pipeline.unreadable(stream);
  }

  gone(): void {}

  lost(stream: string, what: string): void {
    this.losses.push(`${stream}: ${what}`);
  }
}
