/**
 * A program that reads the journal into a database, as the agent does: lines and place in one
 * transaction. Arguments: the database, and the source's options as JSON.
 */
import { DatabaseSync } from 'node:sqlite';
import { openLog } from '../../src/host/log.ts';
import type { JournalOptions } from '../../src/source/journal/reader.ts';
import { openJournalSource } from '../../src/source/journal/journal.ts';
import type { Position } from '../../src/source/source.ts';

const [, , path = '', options = '{}'] = process.argv;
const db = new DatabaseSync(path, { timeout: 5000 });
db.exec(`PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS line (record TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS lost (what TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS place (position TEXT) STRICT`);
const addLine = db.prepare('INSERT INTO line VALUES (?)');
const addLost = db.prepare('INSERT INTO lost VALUES (?)');
const movePlace = db.prepare('INSERT INTO place VALUES (?)');
const place = db.prepare('SELECT position FROM place ORDER BY rowid DESC LIMIT 1');

const source = openJournalSource(
  {
    kind: 'journal',
    from: 'start',
    identifiers: [],
    units: [],
    directory: null,
    namespace: null,
    machine: 'own',
  },
  {
    positionOf: () => {
      const row = place.get();
      return row && (JSON.parse(row['position'] as string) as Position);
    },
    take: ({ bytes, position }) => {
      db.exec('BEGIN IMMEDIATE');
      for (const record of bytes.toString().split('\n').slice(0, -1)) addLine.run(record);
      movePlace.run(JSON.stringify(position));
      db.exec('COMMIT');
    },
    peek: () => undefined,
    begin: () => {},
    caughtUp: () => {},
    unreadable: () => {},
    gone: () => {},
    lost: (_stream, what) => void addLost.run(what),
    log: openLog(),
  },
  JSON.parse(options) as JournalOptions,
);
process.once('SIGTERM', () => void source.stop());
