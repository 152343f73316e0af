import { pino } from 'pino';
import type { Config } from '../../src/agent/config.ts';
import { messagePattern } from '../../src/parse/search.ts';
import { attributionOf } from '../../src/pipeline/attribution.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { Queue } from '../../src/queue/queue.ts';
import { openSource, streamOf } from '../../src/source/kinds.ts';
import type { Source } from '../../src/source/source.ts';

/** An agent without monitors: it reads and counts. */
export class CountingAgent {
  readonly #queue: Queue;
  readonly #pipeline: Pipeline;
  readonly #sources: readonly Source[];

  constructor(
    config: Config,
    { once, now }: { readonly once: boolean; readonly now: () => number },
  ) {
    const { sources, queue: bounds, history } = config;
    this.#queue = new Queue(bounds.path, { bounds, history });
    this.#pipeline = new Pipeline({
      config,
      streams: sources.map(streamOf),
      ...attributionOf(sources),
      queue: this.#queue,
      log: pino({ enabled: false }),
      monitors: ['nsca'],
      onResults: () => {},
      now,
    });
    const options = { once, grep: messagePattern() };
    this.#sources = sources.map((source) => openSource(source, this.#pipeline, options));
  }

  /** Reads to the end of its logs. */
  async catchUp(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.drained()));
  }

  async stop(): Promise<void> {
    for (const source of this.#sources) await source.stop();
    this.#pipeline.close();
    this.#queue.close();
  }
}
