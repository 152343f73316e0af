import type { TestContext } from 'node:test';
import pino from 'pino';
import type { FileSettings } from '../../src/source/file/config.ts';
import { openFileSource, type FileSourceOptions } from '../../src/source/file/file.ts';
import type { Lines, Position, Source } from '../../src/source/source.ts';
import { until } from '../support/until.ts';

/** What an agent keeps: the lines taken and the positions, which go through JSON as in the queue. */
export interface Kept {
  readonly lines: Map<string, string[]>;
  readonly positions: Map<string, string>;
  readonly lost: string[];
  /** The streams whose files are gone. */
  readonly gone: string[];
  /** The stream of each end that was reached. */
  readonly ends: string[];
  readonly log: string[];
}

/** A file source with a taker that keeps everything in memory. */
export interface Recorder extends Kept {
  readonly source: Source;
  /** Lines of a stream, or of the only one. */
  read(stream?: string): string[];
  /** Waits until exactly these lines were taken. */
  sees(...lines: string[]): Promise<void>;
  /** Stops, and starts again from what was kept. */
  restart(): Promise<Recorder>;
}

export function nothingKept(): Kept {
  return { lines: new Map(), positions: new Map(), lost: [], gone: [], ends: [], log: [] };
}

/** Starts a file source; it is stopped when the test ends. */
export function recordFile(
  t: TestContext,
  config: Partial<FileSettings> & { path: string },
  options: FileSourceOptions & { refuse?: (lines: Lines) => boolean; failing?: () => boolean } = {},
  kept = nothingKept(),
): Recorder {
  const full: FileSettings = {
    kind: 'file',
    from: 'start',
    maxLine: 65_536,
    keepRotated: 100,
    ...config,
  };
  const take = (lines: Lines) => {
    if (options.refuse?.(lines)) throw new Error('disk full');
    const known = kept.lines.get(lines.stream) ?? [];
    const text = lines.bytes.toString('latin1');
    if (text !== '') known.push(...text.replace(/\n$/, '').split('\n'));
    kept.lines.set(lines.stream, known);
    kept.positions.set(lines.stream, JSON.stringify(lines.position));
  };
  const write = (line: string) => void kept.log.push((JSON.parse(line) as { msg: string }).msg);
  const positionOf = (stream: string) => {
    if (options.failing?.() === true) throw new Error('disk I/O error');
    const text = kept.positions.get(stream);
    return text === undefined ? undefined : (JSON.parse(text) as Position);
  };
  const taker = {
    positionOf,
    peek: positionOf,
    take,
    begin: (places: ReadonlyMap<string, Position>) => {
      for (const [stream, position] of places) take({ stream, position, bytes: Buffer.alloc(0) });
    },
    caughtUp: (stream: string) => void kept.ends.push(stream),
    unreadable: (stream: string) => void kept.ends.push(stream),
    gone: (stream: string) => void kept.gone.push(stream),
    lost: (_: string, what: string) => void kept.lost.push(what),
    log: pino({}, { write }),
  };
  const source = openFileSource(full, taker, options);
  t.after(() => source.stop());
  const read = (stream = config.path) => kept.lines.get(stream) ?? [];
  return {
    ...kept,
    source,
    read,
    sees: async (...lines) => {
      const want = lines.join('\n');
      await until(`${want}\n--- seen:\n`, () => read().join('\n') === want).catch((error) => {
        throw new Error(`${(error as Error).message}\n${read().join('\n')}`);
      });
    },
    restart: async () => {
      await source.stop();
      return recordFile(t, config, options, kept);
    },
  };
}
