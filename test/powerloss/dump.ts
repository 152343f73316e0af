import { createHash } from 'node:crypto';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Queue } from '../../src/queue/queue.ts';

/** A digest of all that a queue file holds. */
export function digestOf(db: DatabaseSync): string {
  const hash = createHash('sha256');
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all();
  for (const { name } of tables) {
    const rows = db.prepare(`SELECT * FROM ${String(name)}`).all();
    hash.update(`${String(name)} ${JSON.stringify(rows.map((row) => Object.values(row)))}\n`);
  }
  return hash.digest('hex');
}

/** Opens the queue as the agent does that is started next, and gives the digest of what is there. */
export function digestAfter(path: string): string {
  rmSync(`${path}-shm`, { force: true });
  new Queue(path, { bounds: { results: 200, size: 1 << 20, keep: 1e12 } }).close();
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const checks = db.prepare('PRAGMA integrity_check').all();
    assert.deepEqual(
      checks.map((row) => Object.values(row)),
      [['ok']],
    );
    return digestOf(db);
  } finally {
    db.close();
  }
}
