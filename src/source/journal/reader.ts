/**
 * Reads the journal from a place onwards. The place is the cursor of the last entry handed over; it
 * is the only state, and the taker keeps it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalSettings } from './config.ts';
import {
  journalctl,
  JournalctlError,
  matches,
  narrowing,
  oneRecord,
  openings,
  ownMachine,
  type Spared,
} from './command.ts';
import { LeftOut } from './left-out.ts';
import { asJournalPosition, journalPosition } from './position.ts';
import {
  cursorOf,
  cursorTime,
  entryOf,
  freshRecords,
  machineOf,
  recordBlocks,
  seenEntries,
} from './records.ts';
import type { Taker } from '../source.ts';

/** Pauses before something that failed is tried again, milliseconds; the last one repeats. */
const BACKOFF = [200, 1_000, 5_000, 15_000, 60_000];
/**
 * Entries that follow each other faster than this, ms, form one burst, whose end counts as the end
 * of the journal.
 */
const QUIET = 100;
/** An entry that was received less than this ago, ms, is the newest that the journal can have. */
const LIVE = 1_000;

/** How long to wait after this many failures in a row, 0 for the first. */
export function backoff(failures: number): number {
  return BACKOFF[Math.min(failures, BACKOFF.length - 1)] as number;
}

export interface JournalOptions {
  /** Read what is there and follow nothing; a first start begins at the start. */
  readonly once?: boolean;
  /**
   * A regular expression (PCRE2) that each line that matters matches. journalctl applies it, case
   * ignored while it has no capital letter; an old journalctl that cannot hands over everything.
   */
  readonly grep?: string;
  /** Where a first start begins, ms since 1970, whatever the configuration says. */
  readonly since?: number;
}

/** What a reader reads, and who takes it. */
export interface JournalReading extends JournalOptions {
  readonly config: JournalSettings;
  /** Key of the position, and the name that `status` shows. */
  readonly stream: string;
  readonly taker: Taker;
  /** Ends everything. */
  readonly stopped: AbortSignal;
}

export class JournalReader {
  readonly #reading: JournalReading;
  /** The place that the taker has. */
  #saved: string | undefined;
  #place: string | undefined;
  #begun: boolean;
  #toldGone: string | undefined;
  /** The machine that wrote the entry at the place; undefined where it is this one. */
  #formerMachine: string | undefined;
  readonly #seen = seenEntries();
  readonly #spared = new Set<Spared>();
  readonly #leftOut: LeftOut;
  /** When reading began, ms since 1970. */
  readonly #opened = Date.now();

  /** Starts at the position that the taker has. */
  constructor(reading: JournalReading) {
    this.#reading = reading;
    this.#leftOut = new LeftOut((what) => reading.taker.lost(reading.stream, what));
    const saved = reading.taker.positionOf(reading.stream);
    this.#saved = saved && asJournalPosition(saved)?.cursor;
    if (saved && this.#saved === undefined)
      reading.taker.lost(
        reading.stream,
        'the saved position is not one of the journal: reading starts over',
      );
    this.#place = this.#saved;
    this.#begun = this.#saved !== undefined;
  }

  /** Reads to the end that the journal has now. Throws JournalctlError. */
  catchUp(): Promise<void> {
    return this.#sparing(() => this.#catchUp());
  }

  /** Hands over new entries, until the signal. Throws JournalctlError. */
  follow(signal: AbortSignal): Promise<void> {
    return this.#sparing(() => this.#follow(signal));
  }

  async #catchUp(): Promise<void> {
    const { config, once = false, since, stream, taker } = this.#reading;
    const from = since === undefined ? (config.from ?? (once ? 'start' : 'end')) : 'start';
    const newest = cursorIn(await this.#first(this.#machines()));
    if (this.#place !== undefined) await this.#checkPlace(this.#place, newest);
    else if (!this.#begun && from === 'end') {
      this.#place = await this.#endAtStart();
      if (this.#place !== undefined) await this.#give(Buffer.alloc(0), this.#place);
    }
    this.#begun = true;
    if (this.#place !== undefined) this.#seen.add(this.#place);
    const some = await this.#readToEnd();
    if (!some && newest !== undefined && newest !== this.#saved)
      await this.#give(Buffer.alloc(0), newest);
    taker.caughtUp(stream);
  }

  /** Reads what there is from the place onwards. Gives whether that was anything. */
  async #readToEnd(): Promise<boolean> {
    const place = this.#place;
    try {
      let some = false;
      for await (const cursor of this.#read([], this.#reading.stopped)) some = cursor !== '';
      return some;
    } catch (error) {
      // What a file that was left out has may be older than what was read.
      if (isPartial(error)) this.#place = place;
      throw error;
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { stream, taker } = this.#reading;
    let quiet: NodeJS.Timeout | undefined;
    try {
      for await (const cursor of this.#read(['-f', '--no-tail'], signal)) {
        clearTimeout(quiet);
        // journalctl does not show where the end is. A burst that arrives in pieces has not ended
        // in between: a window that ended there would count a burst that is read late as several.
        if (Math.abs(Date.now() - cursorTime(cursor)) < LIVE) taker.caughtUp(stream);
        else quiet = setTimeout(() => taker.caughtUp(stream), QUIET);
      }
    } finally {
      clearTimeout(quiet);
    }
    if (!signal.aborted) throw new JournalctlError('failed', 'journalctl --follow ended');
  }

  /** Reads from the place onwards, and yields the cursor after each block that was handed over. */
  async *#read(args: readonly string[], signal: AbortSignal): AsyncGenerator<string, void> {
    const { config, grep, since, stream, taker } = this.#reading;
    const blocks = recordBlocks((bytes) =>
      taker.lost(stream, `skipped a journal entry of ${bytes} bytes, too long for a refusal`),
    );
    // Not --after-cursor: where the entry itself is filtered out, it skips the one that follows.
    const begin = since === undefined ? [] : [`--since=@${Math.floor(since / 1000)}`];
    const from = this.#place === undefined ? begin : [`--cursor=${this.#place}`];
    const narrow = narrowing(grep, this.#spared);
    const command = [...args, ...narrow, ...from, ...matches(config, this.#machines())];
    const leftOut = (files: readonly string[]) => this.#leftOut.note(files);
    for await (const chunk of journalctl([...openings(config), ...command], signal, leftOut)) {
      const block = blocks(chunk);
      const fresh = block && freshRecords(block, this.#seen);
      if (!fresh) continue;
      await this.#give(fresh.bytes, fresh.cursor);
      yield fresh.cursor;
    }
  }

  /** Hands over a block until it is taken. */
  async #give(bytes: Buffer, cursor: string): Promise<void> {
    const { stopped, stream, taker } = this.#reading;
    for (let failures = 0; ; failures++) {
      try {
        taker.take({ stream, bytes, position: journalPosition(cursor) });
        this.#saved = this.#place = cursor;
        return;
      } catch {
        // The taker reports why; the block is offered again.
        await pause(backoff(failures), null, { signal: stopped });
      }
    }
  }

  /** The machines whose entries are read; empty: all. */
  #machines(): string[] {
    const own = this.#reading.config.machine === 'all' ? undefined : ownMachine();
    if (own === undefined) return [];
    const former = this.#formerMachine;
    return former === undefined || former === own ? [own] : [own, former];
  }

  /** The first entry that `journalctl -n 1` writes, whatever it is about. */
  #first(machines: readonly string[], ...args: string[]): Promise<Buffer | null> {
    const { config, stopped } = this.#reading;
    const short = this.#spared.has('output-fields')
      ? []
      : ['--output-fields=MESSAGE_ID,_MACHINE_ID'];
    const of = machines.map((id) => `_MACHINE_ID=${id}`);
    const asked = [...openings(config), ...short, ...args, ...of];
    return oneRecord(asked, stopped, (files) => this.#leftOut.note(files));
  }

  /**
   * The last entry of the whole journal when reading began: not the newest of now, because the
   * agent has been ready since, and what came meanwhile counts.
   */
  async #endAtStart(): Promise<string | undefined> {
    // Without -r, version 252 looks for the last one of all, and finds that it is too new.
    const until = ['-r', `--until=@${(this.#opened / 1000).toFixed(3)}`];
    return cursorIn(await this.#first(this.#machines(), ...until));
  }

  /** Checks whether the entry at the place still exists; if not, reports what may be missing. */
  async #checkPlace(at: string, newest: string | undefined): Promise<void> {
    const ask = (machines: readonly string[]) =>
      this.#first(machines, `--cursor=${at}`).catch((error: unknown) => {
        if (error instanceof JournalctlError && error.kind === 'cursor') return null;
        throw error;
      });
    const isPlace = (record: Buffer | null) => {
      const cursor = cursorIn(record);
      return cursor !== undefined && entryOf(cursor) === entryOf(at);
    };
    const record = await ask(this.#machines());
    if (isPlace(record)) return;
    // Another machine's, whose entries are not read: this one had another machine-id then.
    const any = await ask([]);
    if (any !== null && isPlace(any)) {
      this.#formerMachine = machineOf(any);
      return;
    }
    this.#placeIsGone(at, cursorIn(record), newest);
  }

  #placeIsGone(at: string, found: string | undefined, newest: string | undefined): void {
    const { stream, taker } = this.#reading;
    const gone = 'the journal no longer holds the entry read last: entries may be missing';
    if (found === undefined) {
      // The journal ends before the place, as after a restore: following would wait forever.
      taker.lost(stream, `${gone} from ${time(at)} until now`);
      this.#place = newest;
    } else if (this.#toldGone !== at) {
      taker.lost(stream, `${gone} from ${time(at)} to ${time(found)}`);
      this.#toldGone = at;
    }
  }

  /**
   * Does the work, and repeats it without each option that this journalctl turns out to lack, and
   * while it leaves out a file for the moment.
   */
  async #sparing(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (isPartial(error)) {
          const { stopped: signal } = this.#reading;
          await pause(backoff(this.#leftOut.tries - 1), null, { signal });
          continue;
        }
        const option = error instanceof JournalctlError ? error.kind : 'failed';
        if ((option !== 'grep' && option !== 'output-fields') || this.#spared.has(option))
          throw error;
        this.#spared.add(option);
        this.#reading.taker.log.warn(
          `journalctl has no --${option} here: reading the journal takes more CPU; a newer systemd has it`,
        );
      }
    }
  }
}

function isPartial(error: unknown): boolean {
  return error instanceof JournalctlError && error.kind === 'partial';
}

function cursorIn(record: Buffer | null): string | undefined {
  return record === null ? undefined : cursorOf(record);
}

function time(cursor: string): string {
  const at = cursorTime(cursor);
  return Number.isNaN(at) ? 'an unknown time' : new Date(at).toISOString();
}
