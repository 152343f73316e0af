/** Denials that another process brings (the verb denied), until the agent has counted them. */
import type { Room } from './room.ts';
import type { Statements } from './statements.ts';

/** A denial in the inbox, as it was left. */
export interface Left {
  readonly id: number;
  /** Null where it cannot be read. */
  readonly denial: unknown;
}

export class Inbox {
  readonly #sql: Statements;
  readonly #room: Room;
  readonly #now: () => number;

  constructor(sql: Statements, room: Room, now: () => number) {
    this.#sql = sql;
    this.#room = room;
    this.#now = now;
  }

  /** Leaves a denial for the agent to fold and report. */
  leave(denial: unknown): void {
    this.#room.mustHaveLog(1);
    this.#sql.transaction(() => {
      this.#add(denial);
      this.#room.make(this.#now());
    });
  }

  /** Denials that were left, oldest first. */
  left(limit: number): Left[] {
    const rows = this.#sql.all<{ id: number; denial: string }>(
      'SELECT id, denial FROM inbox ORDER BY id LIMIT ?',
      limit,
    );
    return rows.map(({ id, denial }) => ({ id, denial: parsed(denial) }));
  }

  #add(denial: unknown): void {
    this.#sql.run('INSERT INTO inbox (denial) VALUES (?)', JSON.stringify(denial));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
