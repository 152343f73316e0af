/** Reads what `verify` compares: places, open windows, and what became of results. */
import type { Position } from '../source/source.ts';
import type { Refused } from './history-reader.ts';
import { hourOf } from './history.ts';
import type { Outcome } from './outcomes.ts';
import type { Statements } from './statements.ts';

/** A stream as it is saved. */
export interface SavedStream {
  readonly stream: string;
  readonly position: Position;
  /** What the pipeline keeps of it. */
  readonly carry: unknown;
  /**
   * When it was first stored (ms since 1970), where, and the bytes read until then; null if that is
   * not known.
   */
  readonly first: {
    readonly at: number;
    readonly position: Position;
    readonly less: number;
  } | null;
}

/** Results that report denials. */
export interface OutcomeRow {
  /** The beginning of the hour of their alerts, ms since 1970. */
  readonly hour: number;
  readonly monitor: string;
  readonly what: Outcome | 'waiting' | 'setAside' | 'ignored';
  readonly results: number;
  readonly denials: number;
}

export class ProofReader {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  streams(): SavedStream[] {
    const rows = this.#sql.all<{
      stream: string;
      place: string;
      carry: string;
      at: number | null;
      first: string | null;
      bytes: number | null;
    }>(
      `SELECT stream, position.place, carry, at, first_position.place AS first, bytes
       FROM position LEFT JOIN first_position USING (stream)`,
    );
    return rows.map(({ stream, place, carry, at, first, bytes }) => ({
      stream,
      position: JSON.parse(place) as Position,
      carry: JSON.parse(carry) as unknown,
      first:
        first === null
          ? null
          : { at: at ?? 0, position: JSON.parse(first) as Position, less: bytes ?? 0 },
    }));
  }

  /** The rows of the fold. */
  folds(): (readonly [key: string, value: string])[] {
    const rows = this.#sql.all<{ key: string; value: string }>('SELECT key, value FROM fold');
    return rows.map(({ key, value }) => [key, value] as const);
  }

  /** Denials that another process brought, by hour, host, daemon and client. */
  brought(since: number): Refused[] {
    return this.#sql.all<Refused>('SELECT * FROM brought WHERE hour >= ?', since);
  }

  /**
   * What became of results whose alerts are of an hour since then, and what is in the queue; and what
   * was ignored, of no monitor.
   */
  outcomes(since: number): OutcomeRow[] {
    return this.#sql.all<OutcomeRow>(
      `SELECT hour, monitor, what, results, denials FROM outcome WHERE hour >= ?1
       UNION ALL
       SELECT at - at % 3600000, monitor, iif(refused IS NULL, 'waiting', 'setAside'), count(*),
         sum(denials)
       FROM result WHERE denials > 0 AND at >= ?1 GROUP BY 1, 2, 3`,
      hourOf(since),
    );
  }
}
