/** A session with the spool directory of a Nagios on this machine. */
import { statSync } from 'node:fs';
import type { CheckResult } from '../../result/check-result.ts';
import { outputOf, reasonAgainst } from '../command.ts';
import { MonitorError } from '../error.ts';
import { SessionLife } from '../life.ts';
import { TAKEN, type Session, type Verdict } from '../monitor.ts';
import { accessError } from './access.ts';
import { spoolProtocol } from './protocol.ts';
import { keyOf, recordOf } from './record.ts';
import { SpoolFile } from './spool-file.ts';

/** How often a waiting file is checked, ms: often at first, because Nagios may just be reading. */
const LOOKS = [20, 20, 50, 100, 200];
/** The most time between the removal of a file and of its `.ok`, ms. */
const HALF = 1_000;

/**
 * Bytes of one file: about 200 results. Nagios reads a file in one go, starts a notification for
 * each result, and serves its workers only after that: at 3,000 results Nagios 4.4.6 and its
 * workers wait forever for each other to read.
 */
const FILE = 64 * 1024;

export interface Spool {
  readonly directory: string;
  /** How long to wait for Nagios to read a file, ms; less than `maxAge`. */
  readonly timeout: number;
  /** Nagios deletes an older file unread, ms. */
  readonly maxAge: number;
}

/**
 * What Nagios read from an earlier process that could no longer record it: keys, each with how
 * often.
 */
export type Known = Map<string, number>;

/**
 * Opens a session. Files that a killed process left are taken back, and what Nagios read of them is
 * added to `known`.
 */
export function openSpool(spool: Spool, known: Known, signal: AbortSignal): Session {
  signal.throwIfAborted();
  try {
    if (!statSync(spool.directory).isDirectory()) {
      throw new MonitorError('local', `${spool.directory} is neither a directory nor a pipe`);
    }
    takeUp(SpoolFile.left(spool), known);
  } catch (error) {
    throw error instanceof MonitorError ? error : accessError('spool', spool.directory, error);
  }
  return new SpoolSession(spool, known, signal);
}

function takeUp(files: readonly SpoolFile[], known: Known): void {
  for (const file of files) {
    if (file.state() === 'read') {
      for (const key of file.keys()) known.set(key, (known.get(key) ?? 0) + 1);
    }
    file.withdraw();
  }
}

class SpoolSession implements Session {
  readonly protocol = spoolProtocol;
  readonly clockOffset = null;
  readonly #spool: Spool;
  readonly #known: Known;
  readonly #life: SessionLife;

  constructor(spool: Spool, known: Known, signal: AbortSignal) {
    this.#spool = spool;
    this.#known = known;
    // A waiting file is taken back by the code that waits for it.
    this.#life = new SessionLife('Nagios', { destroy: () => {} }, signal);
  }

  get failed(): Promise<never> {
    return this.#life.failed;
  }

  async send<R extends CheckResult>(
    results: readonly R[],
    onVerdict: (result: R, verdict: Verdict) => void,
    enough: AbortSignal,
  ): Promise<void> {
    const { limits } = spoolProtocol;
    let file: { results: R[]; text: string } = { results: [], text: '' };
    const flush = async () => {
      const { results: taken, text } = file;
      file = { results: [], text: '' };
      if (taken.length === 0 || enough.aborted) return;
      await this.#write(text);
      for (const result of taken) onVerdict(result, TAKEN);
    };
    for (const result of results) {
      const reason = reasonAgainst(result, limits);
      if (reason !== null) onVerdict(result, { kind: 'refused', reason });
      else if (this.#wasRead(result)) onVerdict(result, TAKEN);
      else {
        const record = recordOf(result, outputOf(result, Date.now(), limits));
        if (file.text.length + record.length > FILE) await flush();
        if (enough.aborted) return;
        file.results.push(result);
        file.text += record;
      }
    }
    await flush();
  }

  holdFor(): number {
    return 0;
  }

  finish(): Promise<void> {
    this.#life.end();
    return Promise.resolve();
  }

  abort(): void {
    this.#life.abort();
  }

  #wasRead(result: CheckResult): boolean {
    const key = keyOf(result);
    const count = this.#known.get(key);
    if (count === undefined) return false;
    if (count === 1) this.#known.delete(key);
    else this.#known.set(key, count - 1);
    return true;
  }

  /** Has Nagios read this; takes the file back where that fails. */
  async #write(text: string): Promise<void> {
    if (this.#life.isOver) await this.#life.failed;
    const { directory } = this.#spool;
    let file: SpoolFile;
    try {
      file = await SpoolFile.release(this.#spool, text);
    } catch (error) {
      throw accessError('spool', directory, error);
    }
    try {
      await this.#untilRead(file);
      file.forget();
    } catch (error) {
      file.withdraw();
      throw error;
    }
  }

  async #untilRead(file: SpoolFile): Promise<void> {
    const { directory, timeout } = this.#spool;
    const end = performance.now() + timeout;
    let half: number | null = null;
    for (let look = 0; ; look++) {
      const state = file.state();
      if (state === 'read') return;
      const now = performance.now();
      half = state === 'half' ? (half ?? now) : null;
      if (state === 'unknown') {
        const text = `what was written to ${directory} is gone, and it is not known whether Nagios has read it: does anything else remove files there, or was the clock set?`;
        throw new MonitorError('unknown', text);
      }
      if (half !== null && now - half > HALF) {
        const text = `Nagios removed a file from ${directory} that it could not read; may its user read files there?`;
        throw new MonitorError('unknown', text);
      }
      if (now > end && state === 'waiting') {
        const text = `Nagios has not read ${directory} for ${timeout / 1000} s; is it running, and is that its check_result_path?`;
        throw new MonitorError('silent', text);
      }
      await this.#life.stay(LOOKS[Math.min(look, LOOKS.length - 1)]!);
    }
  }
}
