/** Reads the queue file without changing anything in it; an agent may be running with it. */
import { lstatSync } from 'node:fs';
import { actAs, ownerOf } from '../host/owner.ts';
import { forbidden, QueueError, whileUsed } from './error.ts';
import { openForReading } from './file.ts';
import { HistoryReader } from './history-reader.ts';
import { Overview } from './overview.ts';
import { ProofReader } from './proof-reader.ts';
import { Statements } from './statements.ts';

export interface QueueReader {
  readonly overview: Overview;
  readonly history: HistoryReader;
  readonly proof: ProofReader;
}

/** How often a file is read again if it changed while it was read as immutable. */
const TRIES = 5;

/**
 * Reads from a queue file. Root does this with the rights of the directory's owner.
 * @param ask gets a consistent state of the file. It must be quick and write nothing: the
 *   write-ahead log cannot shrink meanwhile. It may be called again.
 * @throws QueueError if there is no such file, or it cannot be read
 */
export function askQueue<T>(path: string, ask: (queue: QueueReader) => T): T {
  mustBeThere(path);
  return actAs(ownerOf(path), () => {
    for (let tries = 1; ; tries++) {
      const { given, isSound } = askOnce(path, ask);
      if (isSound) return given;
      if (tries === TRIES)
        throw new QueueError(`the queue ${path} changes while it is read: try again`);
    }
  });
}

function askOnce<T>(path: string, ask: (queue: QueueReader) => T): { given: T; isSound: boolean } {
  const { db, isSound } = openForReading(path);
  const sql = new Statements(() => db);
  try {
    const given = sql.snapshot(() =>
      ask({
        overview: new Overview(sql),
        history: new HistoryReader(sql),
        proof: new ProofReader(sql),
      }),
    );
    return { given, isSound: isSound() };
  } catch (error) {
    throw whileUsed(path, 'read', error);
  } finally {
    sql.close();
  }
}

/**
 * Makes sure that the queue exists and that this user can access it.
 * @throws QueueError
 */
export function mustBeThere(path: string): void {
  try {
    lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw forbidden(path, 'read', error);
    throw new QueueError(
      `there is no queue ${path} yet: start the agent (systemctl start denywatch), or name its configuration with --config`,
      { cause: error },
    );
  }
}
