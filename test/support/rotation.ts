import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { program, type Program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

const WRITER = join(import.meta.dirname, 'writer.ts');
const READER = join(import.meta.dirname, 'file-reader.ts');

/** How long a reader may take, ms, and how many looks 20 ms apart may find nothing new. */
const PATIENCE = 300_000;
const STILL = 3000;

/** What became of numbered lines. */
export interface Tally {
  readonly lost: number;
  readonly twice: number;
}

/** Which of the numbers 1 to `count` are missing, and how many came more than once. */
export function tally(numbers: Iterable<number>, count: number): Tally {
  const seen = new Uint32Array(count + 1);
  let all = 0;
  let once = 0;
  for (const number of numbers) {
    all++;
    if (seen[number]!++ === 0) once++;
  }
  return { lost: count - once, twice: all - once };
}

/** A log that a writer process rotates, and a reader process that follows it. */
export interface Rotation {
  readonly path: string;
  /** Starts the writer; gives the number of lines when it has written all. */
  write(modes: string, ...options: number[]): Promise<number>;
  /** Starts the reader, which goes on where it was killed. */
  read(): Program;
  /** Waits until the reader has as many lines, or takes no more; counts them. */
  taken(count: number): Promise<Tally>;
  /** What the source said it lost. */
  lost(): string[];
}

export function rotation(t: TestContext): Rotation {
  const dir = tempDir(t);
  const path = join(dir, 'auth.log');
  writeFileSync(path, '');
  const file = join(dir, 'taken.db');
  let db: DatabaseSync | undefined;
  t.after(() => db?.close());
  const column = (sql: string) => {
    db ??= new DatabaseSync(file, { timeout: 10_000 });
    return db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)[0]);
  };
  return {
    path,
    write: async (modes, ...options) => {
      const args = [WRITER, path, modes, ...options.map(String)];
      const writer = program(t, process.execPath, args);
      const status = await writer.end(PATIENCE);
      if (status !== 0) throw new Error(`writer: ${status} ${writer.stderr()}`);
      return Number(writer.stdout());
    },
    read: () => program(t, process.execPath, [READER, file, path]),
    taken: async (count) => {
      let before = -1;
      let still = 0;
      await until(
        'the reader to be done',
        () => {
          const all = Number(column('SELECT count(*) FROM taken')[0]);
          still = all === before ? still + 1 : 0;
          before = all;
          return all >= count || still > STILL;
        },
        PATIENCE,
      );
      return tally(column('SELECT number FROM taken').map(Number), count);
    },
    lost: () => column('SELECT what FROM lost').map(String),
  };
}

/** `tail -F` on a file, to be compared with. */
export function tailF(t: TestContext, path: string): { numbers(): number[] } {
  const out = `${path}.tail-out`;
  const fd = openSync(out, 'w');
  program(t, 'tail', ['-F', '-n', '+1', path], { stdio: ['ignore', fd, 'ignore'] });
  closeSync(fd);
  return {
    numbers: () =>
      Array.from(readFileSync(out, 'latin1').matchAll(/sshd\[(\d+)\]: refused/g), ([, n]) =>
        Number(n),
      ),
  };
}
