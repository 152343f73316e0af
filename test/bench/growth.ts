/**
 * Reads a log to its end through the file source and the pipeline into a queue file, and sends the
 * process that started it how far it was when: [bytes, ms] for each block.
 *
 *   node growth.ts LOG DIRECTORY
 */
import { join } from 'node:path';
import type { FilePosition } from '../../src/source/file/position.ts';
import { openFileSource } from '../../src/source/file/file.ts';
import type { Lines, Taker } from '../../src/source/source.ts';
import { newPipeline, openQueue } from '../support/pipeline.ts';

const [log = '', dir = ''] = process.argv.slice(2);
const queue = openQueue(join(dir, 'queue.db'));
const pipeline = newPipeline(queue, [log]);
const reached: [offset: number, ms: number][] = [];
const taker: Taker = {
  log: pipeline.log,
  positionOf: (stream) => pipeline.positionOf(stream),
  peek: () => undefined,
  begin: () => {},
  caughtUp: (stream) => pipeline.caughtUp(stream),
  unreadable: (stream) => pipeline.unreadable(stream),
  gone: (stream) => pipeline.gone(stream),
  lost: (stream, what) => pipeline.lost(stream, what),
  take: (lines: Lines) => {
    pipeline.take(lines);
    const { files } = lines.position as FilePosition;
    reached.push([files.at(-1)?.offset ?? 0, performance.now()]);
  },
};
const options = { kind: 'file', path: log, from: 'start', maxLine: 8192, keepRotated: 0 } as const;
const source = openFileSource(options, taker, { once: true });
await source.drained();
await source.stop();
pipeline.close();
queue.close();
process.send?.(reached);
process.disconnect?.();
