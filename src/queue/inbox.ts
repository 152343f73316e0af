/** Denials from another process (the verb denied), until the agent has counted them. */
import { add, type Room } from './room.ts';
import { readSpooled, removeSpooled, spooled } from './spool.ts';
import type { Statements } from './statements.ts';

/** A denial in the inbox, as it was stored. */
export interface Left {
  readonly id: number;
  /** Null if it cannot be read. */
  readonly denial: unknown;
}

export interface InboxOptions {
  /** Path of the queue file. */
  readonly path: string;
  readonly now: () => number;
}

export class Inbox {
  readonly #sql: Statements;
  readonly #room: Room;
  readonly #options: InboxOptions;

  constructor(sql: Statements, room: Room, options: InboxOptions) {
    this.#sql = sql;
    this.#room = room;
    this.#options = options;
  }

  /** Stores a denial for the agent to fold and report. */
  leave(denial: unknown): void {
    this.#room.mustHaveLog(1);
    this.#sql.transaction(() => this.#add(denial));
  }

  /** Takes in denials that were left in files; each once, even if it is interrupted. */
  takeSpooled(): void {
    const { path } = this.#options;
    for (const name of spooled(path)) {
      const denial = readSpooled(path, name);
      this.#room.mustHaveLog(1);
      this.#sql.transaction(() => {
        if (this.#sql.run('INSERT OR IGNORE INTO spooled VALUES (?)', name) === 0) return;
        if (denial === null) add(this.#sql, 'droppedInbox', 1);
        else this.#add(denial);
      });
      removeSpooled(path, name);
      this.#sql.run('DELETE FROM spooled WHERE name = ?', name);
    }
  }

  /** The stored denials, oldest first. */
  left(limit: number): Left[] {
    const rows = this.#sql.all<{ id: number; denial: string }>(
      'SELECT id, denial FROM inbox ORDER BY id LIMIT ?',
      limit,
    );
    return rows.map(({ id, denial }) => ({ id, denial: parsed(denial) }));
  }

  #add(denial: unknown): void {
    this.#sql.run('INSERT INTO inbox (denial) VALUES (?)', JSON.stringify(denial));
    this.#room.make(this.#options.now());
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
