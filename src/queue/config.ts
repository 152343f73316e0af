/** The entries `queue` and `history`: what is kept, and for how long. */
import { resolve } from 'node:path';
import type { Checker, Value } from '../config/checker.ts';
import { Part } from '../config/part.ts';
import { Section } from '../config/section.ts';
import { findRunning } from '../host/running.ts';

export interface QueueConfig {
  readonly path: string;
  /** How long results are kept, milliseconds. */
  readonly keep: number;
  /** Most results kept, and most bytes of the queue file. */
  readonly results: number;
  readonly size: number;
  /** Which alerts are delivered first after an outage. */
  readonly order: 'oldest' | 'newest';
  /** Alerts that waited longer than this are sent in one digest; null: each is sent. */
  readonly digestAfter: number | null;
}

/** The history that `report` reads. */
export interface HistoryConfig {
  /** Milliseconds. */
  readonly keep: number;
  /** Most clients that are counted by name in an hour. */
  readonly clients: number;
}

const ORDER = { oldest: 'oldest', newest: 'newest' } as const;

/** Reads `queue`. @param directory that a relative path starts from */
export function readQueue(checker: Checker, at: Value | undefined, directory: string): QueueConfig {
  const keys = new Section(checker, at, [
    'path',
    'keep',
    'results',
    'size',
    'order',
    'digestAfter',
  ]);
  return {
    path: keys.read(
      'path',
      (path) => resolve(directory, checker.text(path)),
      '/var/lib/denywatch/queue.db',
    ),
    keep: keys.duration('keep', '7d', '1m', '3650d'),
    results: keys.whole('results', 100_000, 100, 10_000_000),
    size: keys.size('size', '256MiB', '1MiB', '1024GiB'),
    order: keys.choice<QueueConfig['order']>('order', ORDER, 'oldest'),
    digestAfter: keys.readUnlessOff(
      'digestAfter',
      (value) => checker.duration(value, '1m', '3650d'),
      3_600_000,
    ),
  };
}

/**
 * Reads the path and bounds of the queue, whatever else in the file is wrong: a verb that works on
 * the queue alone needs no more, and no password. If the entry `queue` has mistakes, the defaults
 * apply. If an agent runs as a service with this file, the path is the one that it uses, whatever
 * became of the file.
 * @throws ConfigError if there is no such file
 */
export function loadQueueConfig(path: string): QueueConfig {
  return loadWithQueue(path, []).queue;
}

/** The same, together with other entries. */
export function loadWithQueue(
  path: string,
  keys: readonly string[],
): { readonly queue: QueueConfig; readonly part: Part } {
  const running = findRunning(path);
  const part = new Part(path, ['queue', ...keys], { mayBeMissing: running !== null });
  const queue = queueIn(part);
  return { queue: running === null ? queue : { ...queue, path: running.queue }, part };
}

function queueIn({ section, around: { directory } }: Part): QueueConfig {
  const { checker } = section;
  const at = section.get('queue');
  const given = readQueue(checker, at?.node === null ? undefined : at, directory);
  const wrong = checker.problems.filter(({ key }) => key.startsWith('queue'));
  if (wrong.length === 0) return given;
  const usual = readQueue(checker, undefined, directory);
  return wrong.some(({ key }) => key === 'queue' || key === 'queue.path')
    ? usual
    : { ...usual, path: given.path };
}

/** Reads `history`. */
export function readHistory(checker: Checker, at: Value | undefined): HistoryConfig {
  const keys = new Section(checker, at, ['keep', 'clients']);
  return {
    keep: keys.duration('keep', '90d', '1d', '3650d'),
    clients: keys.whole('clients', 500, 10, 100_000),
  };
}
