/**
 * A file source in a process of its own, so that it can be killed: it stores the number in each
 * line (`sshd[N]`) and the position in one transaction.
 *
 *   node file-reader.ts DATABASE PATH [print]
 *
 * Prints `ready` when it has read what was there, and with `print` each number as well.
 */
import { DatabaseSync } from 'node:sqlite';
import { openLog } from '../../src/host/log.ts';
import { openFileSource } from '../../src/source/file/file.ts';
import type { Position } from '../../src/source/source.ts';

const [database = '', path = '', print] = process.argv.slice(2);
const db = new DatabaseSync(database, { timeout: 10_000 });
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS taken (number INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS lost (what TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS positions (stream TEXT PRIMARY KEY, position TEXT NOT NULL);`);
const insert = db.prepare('INSERT INTO taken VALUES (?)');
const lose = db.prepare('INSERT INTO lost VALUES (?)');
const move = db.prepare('INSERT OR REPLACE INTO positions VALUES (?, ?)');
const positionOf = db.prepare('SELECT position FROM positions WHERE stream = ?');

const source = openFileSource(
  { kind: 'file', path, from: 'start', maxLine: 65_536, keepRotated: 60_000 },
  {
    positionOf: (stream) => {
      const row = positionOf.get(stream) as { position: string } | undefined;
      return row && (JSON.parse(row.position) as Position);
    },
    take: ({ stream, bytes, position }) => {
      db.exec('BEGIN');
      for (const [, number] of bytes.toString('latin1').matchAll(/sshd\[(\d+)\]: refused/g)) {
        insert.run(Number(number));
        if (print !== undefined) process.stdout.write(`${number}\n`);
      }
      move.run(stream, JSON.stringify(position));
      db.exec('COMMIT');
    },
    peek: () => undefined,
    begin: () => {},
    caughtUp: () => {},
    unreadable: () => {},
    gone: () => {},
    lost: (_, what) => void lose.run(what),
    log: openLog(),
  },
);
process.on('SIGTERM', () => void source.stop());
await source.drained();
process.stdout.write('ready\n');
