/**
 * Reads the journal from a place on. The place is the cursor of the last entry handed over; it is
 * the only state, and the taker keeps it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalSettings } from './config.ts';
import {
  firstRecord,
  journalctl,
  JournalctlError,
  machine,
  matches,
  narrowing,
  type Spared,
} from './command.ts';
import {
  cursorOf,
  cursorTime,
  entryOf,
  freshRecords,
  recordBlocks,
  seenEntries,
  suppressed,
} from './records.ts';
import type { Taker } from '../source.ts';

/** Key of the position, and the name that `status` shows. */
export const STREAM = 'journal';

/** Pauses before something that failed is tried again, milliseconds; the last one goes on. */
const BACKOFF = [200, 1_000, 5_000, 15_000, 60_000];

/** How long to wait after so many failures in a row, 0 for the first. */
export function backoff(failures: number): number {
  return BACKOFF[Math.min(failures, BACKOFF.length - 1)] as number;
}

export interface JournalOptions {
  /** Read what is there and stay: nothing is followed, and a first start begins at the start. */
  readonly once?: boolean;
  /**
   * A regular expression (PCRE2) that each line that matters matches. journalctl applies it, case
   * ignored while it has no capital letter; an old journalctl that cannot hands over everything.
   */
  readonly grep?: string;
}

export interface JournalReader {
  /** Reads to the end that the journal has now. Throws JournalctlError. */
  catchUp(): Promise<void>;
  /** Hands over what comes, until the signal. Throws JournalctlError. */
  follow(signal: AbortSignal): Promise<void>;
}

/** Begins at the position that the taker has. `stopped` ends everything. */
export function journalReader(
  config: JournalSettings,
  taker: Taker,
  { once = false, grep }: JournalOptions,
  stopped: AbortSignal,
): JournalReader {
  let saved = taker.positionOf(STREAM)?.['cursor'] as string | undefined;
  let place = saved;
  let begun = saved !== undefined;
  let toldGone: string | undefined;
  const seen = seenEntries();
  const spared = new Set<Spared>();

  /** Hands over a block until it is taken. */
  const give = async (bytes: Buffer, cursor: string): Promise<void> => {
    for (let failures = 0; ; failures++) {
      try {
        taker.take({ stream: STREAM, bytes, position: { cursor } });
        saved = place = cursor;
        return;
      } catch {
        // The taker says why; the block is offered again.
        await pause(backoff(failures), null, { signal: stopped });
      }
    }
  };

  /** Reads from the place on, and tells whether anything came. */
  const read = async (args: readonly string[], signal: AbortSignal): Promise<boolean> => {
    const blocks = recordBlocks((bytes) =>
      taker.lost(STREAM, `left out a journal entry of ${bytes} bytes, too long for a refusal`),
    );
    // Not --after-cursor: where the entry itself is filtered out, it skips the one that follows.
    const from = place === undefined ? [] : [`--cursor=${place}`];
    const command = [...args, ...narrowing(grep, spared), ...from, ...matches(config)];
    let some = false;
    for await (const chunk of journalctl(command, signal)) {
      const block = blocks(chunk);
      const fresh = block && freshRecords(block, seen);
      if (!fresh) continue;
      await give(fresh.bytes, fresh.cursor);
      some = true;
      for (const what of suppressed(fresh.bytes)) taker.lost(STREAM, what);
      taker.caughtUp(STREAM);
    }
    return some;
  };

  /** The cursor of the first entry that `journalctl -n 1` gives, whatever the entry says. */
  const cursorAt = async (...args: string[]): Promise<string | undefined> => {
    const short = spared.has('output-fields') ? [] : ['--output-fields=MESSAGE_ID'];
    const record = await firstRecord(['-n', '1', ...short, ...args, ...machine()], stopped);
    return record === null ? undefined : cursorOf(record);
  };

  /** Looks whether the entry at the place is there yet; if not, tells what may be missing. */
  const checkPlace = async (at: string, newest: string | undefined): Promise<void> => {
    const found = await cursorAt(`--cursor=${at}`).catch((error: unknown) => {
      if (error instanceof JournalctlError && error.kind === 'cursor') return undefined;
      throw error;
    });
    if (found !== undefined && entryOf(found) === entryOf(at)) return;
    const gone = 'the journal no longer holds the entry read last: entries may be missing';
    if (found === undefined) {
      // The journal ends before the place, as after a restore: following would wait for ever.
      taker.lost(STREAM, `${gone} from ${time(at)} until now`);
      place = newest;
    } else if (toldGone !== at) {
      taker.lost(STREAM, `${gone} from ${time(at)} to ${time(found)}`);
      toldGone = at;
    }
  };

  /** Does the work, again and again without an option that this journalctl turns out to lack. */
  const sparing = async (work: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const option = error instanceof JournalctlError ? error.kind : 'failed';
        if ((option !== 'grep' && option !== 'output-fields') || spared.has(option)) throw error;
        spared.add(option);
        taker.log.warn(
          `journalctl has no --${option} here: the journal costs more to read; a newer systemd has it`,
        );
      }
    }
  };

  const catchUp = async (): Promise<void> => {
    const newest = await cursorAt();
    if (place !== undefined) await checkPlace(place, newest);
    // Of a first start, the end is that of the whole journal: one of the lines that match may be
    // the next.
    else if (!begun && (config.from ?? (once ? 'start' : 'end')) === 'end') place = newest;
    begun = true;
    if (place !== undefined) seen.add(place);
    const some = await read([], stopped);
    if (!some && newest !== undefined && newest !== saved) await give(Buffer.alloc(0), newest);
    taker.caughtUp(STREAM);
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    await read(['-f', '--no-tail'], signal);
    if (!signal.aborted) throw new JournalctlError('failed', 'journalctl --follow ended');
  };

  return {
    catchUp: () => sparing(catchUp),
    follow: (signal) => sparing(() => follow(signal)),
  };
}

function time(cursor: string): string {
  const at = cursorTime(cursor);
  return Number.isNaN(at) ? 'an unknown time' : new Date(at).toISOString();
}
