/**
 * The systemd journal, read through `journalctl`. It goes round: look whether the place is there
 * yet, read to the end, then follow. Reading and following have a `journalctl` each, because one
 * that follows never tells that it has reached the end.
 *
 * Where few entries match, the place soon is an old entry, which journald may delete though all
 * that came after it was read. So a round ends after a while, and one that found nothing moves the
 * place to the entry that was the newest when it began.
 */
import { once as event } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalSettings } from './config.ts';
import { JournalctlError } from './command.ts';
import { backoff, journalReader, type JournalOptions, STREAM } from './reader.ts';
import type { Source, Taker } from '../source.ts';

/** How long a round follows, milliseconds. The programs that it starts cost some 40 ms of CPU. */
const ROUND = 15 * 60_000;
/** Failures that are further apart than this, milliseconds, are not of one series. */
const SERIES = 60_000;
/** How often `once` tries to read a journal that fails. */
const TRIES_ONCE = 3;

/**
 * Opens the journal. Hands over the records of `journalctl -o json` as lines of the stream
 * `journal`; the position is `{ cursor }`. A block without bytes may come, to move the position.
 * With `once`, `drained` resolves also when the journal cannot be read: `streams` then says why.
 */
export function openJournalSource(
  config: JournalSettings,
  taker: Taker,
  options: JournalOptions = {},
): Source {
  const stopped = new AbortController();
  const reader = journalReader(config, taker, options, stopped.signal);
  let problem: string | null = null;
  /** Those who wait for a round that begins after they asked; an abort of `next` begins one. */
  let waiting: (() => void)[] = [];
  let next = new AbortController();

  const round = async (): Promise<void> => {
    const asked = waiting;
    waiting = [];
    next = new AbortController();
    try {
      await reader.catchUp();
    } catch (error) {
      waiting.unshift(...asked);
      throw error;
    }
    problem = null;
    for (const resolve of asked) resolve();
    const end = AbortSignal.any([stopped.signal, next.signal]);
    if (end.aborted || waiting.length > 0) return;
    if (options.once === true) await event(end, 'abort');
    else await reader.follow(AbortSignal.any([end, AbortSignal.timeout(ROUND)]));
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !stopped.signal.aborted;) {
      const began = performance.now();
      try {
        await round();
        failures = 0;
      } catch (error) {
        if (stopped.signal.aborted) break;
        if (performance.now() - began > SERIES) failures = 0;
        problem = error instanceof Error ? error.message : String(error);
        if (failures === 0)
          taker.log.warn(`the journal is not read for now, will be tried again: ${problem}`);
        const missing = error instanceof JournalctlError && error.kind === 'missing';
        failures = missing ? Infinity : failures + 1;
        if (options.once === true && failures >= TRIES_ONCE)
          for (const resolve of waiting.splice(0)) resolve();
        await pause(backoff(failures - 1), null, { signal: stopped.signal }).catch(() => {});
      }
    }
    for (const resolve of waiting) resolve();
  };
  // A moment later, so that who asks at once for the end has it with the first round.
  const running = options.once === true ? Promise.resolve().then(run) : run();

  return {
    streams: () => [{ stream: STREAM, behind: null, problem }],
    drained: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        next.abort();
      }),
    stop: () => {
      stopped.abort();
      return running;
    },
  };
}
