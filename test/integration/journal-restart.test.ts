/** The journal of a real systemd-journald, read by a program that is killed again and again. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import type { JournalOptions } from '../../src/source/journal/reader.ts';
import { childOf, journald, type Journald } from '../support/journald.ts';
import type { Program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'systemd');

const READER = new URL('../support/journald-reader.ts', import.meta.url).pathname;
const GREP = 'refused|weird';

/** Starts readers of the journal, one after the other, which share a database. */
function readers(t: TestContext, journal: Journald) {
  const path = join(tempDir(t), 'read.db');
  const column = (query: string) => {
    const db = new DatabaseSync(path, { timeout: 5000 });
    try {
      return db
        .prepare(query)
        .all()
        .map((row) => Object.values(row)[0] as string);
    } catch {
      return []; // It has no tables yet.
    } finally {
      db.close();
    }
  };
  const records = () =>
    column('SELECT record FROM line ORDER BY rowid').map(
      (record) => JSON.parse(record) as Record<string, unknown>,
    );
  const messages = () => records().map((record) => record['MESSAGE']);
  const lost = () => column('SELECT what FROM lost');
  const running: Program[] = [];
  return {
    records,
    messages,
    lost,
    has: (count: number) =>
      until(`${count} messages`, () => messages().length >= count).catch((error: unknown) => {
        const got = [...messages(), ...lost(), ...running.map((reader) => reader.stderr())];
        throw new Error(got.join('\n'), { cause: error });
      }),
    start: (options: JournalOptions = { grep: GREP }) => {
      const outer = journal.program(process.execPath, READER, path, JSON.stringify(options));
      running.push(outer);
      return {
        /** Kills the reader alone, as `kill -9` does. */
        kill: async () => {
          process.kill(await until('the reader', () => childOf(outer.pid)), 'SIGKILL');
          await outer.end();
        },
      };
    },
  };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `refused ${from + i}`);

void test(
  'a reader killed with -9 while journald rotates loses and repeats nothing',
  NEEDS,
  async (t) => {
    const journal = await journald(t);
    const reader = readers(t, journal);
    const size = 200;
    for (let round = 0; round < 6; round++) {
      const running = reader.start();
      journal.log('sshd', ...numbered(round * size, round * size + size / 2));
      // At the start of reading, in the middle of it, and when all was read, in turn.
      await reader.has((round * size) / 2 + (round % 3) * 40);
      await running.kill();
      journal.run('journalctl', '--rotate');
      journal.log('cron', 'of no matter');
      journal.log('sshd', ...numbered(round * size + size / 2, round * size + size));
      if (round === 3) await journal.restart();
    }
    reader.start();
    await reader.has(6 * size);
    assert.deepEqual(reader.messages(), numbered(0, 6 * size));
    assert.deepEqual(reader.lost(), []);
  },
);

void test('rotation, vacuum, a restart and a flush to disk are followed', NEEDS, async (t) => {
  const journal = await journald(t, 'volatile');
  const reader = readers(t, journal);
  reader.start();
  journal.log('sshd', 'refused 0');
  await reader.has(1);
  journal.run('journalctl', '--rotate');
  journal.log('sshd', 'refused 1');
  await reader.has(2);
  journal.run('journalctl', '--flush');
  journal.log('sshd', 'refused 2');
  await reader.has(3);
  await journal.restart();
  journal.log('sshd', 'refused 3');
  await reader.has(4);
  journal.run('journalctl', '--rotate');
  journal.run('journalctl', '--vacuum-files=1');
  journal.log('sshd', 'refused 4');
  await reader.has(5);
  assert.deepEqual(reader.messages(), numbered(0, 5));
  assert.deepEqual(reader.lost(), []);
});

void test('what was logged before a reboot is read after it', NEEDS, async (t) => {
  const journal = await journald(t);
  const reader = readers(t, journal);
  const running = reader.start();
  journal.log('sshd', 'refused 0');
  await reader.has(1);
  await running.kill();
  journal.log('sshd', 'refused 1');
  await journal.reboot();
  journal.log('sshd', 'refused 2');
  await journal.reboot();
  reader.start();
  journal.log('sshd', 'refused 3');
  await reader.has(4);
  assert.deepEqual(reader.messages(), numbered(0, 4));
  assert.deepEqual(reader.lost(), []);
});

void test('entries vacuumed away while nobody read are said to be missing', NEEDS, async (t) => {
  const journal = await journald(t);
  const reader = readers(t, journal);
  const running = reader.start();
  journal.log('sshd', 'refused 0');
  await reader.has(1);
  await running.kill();
  journal.log('sshd', 'refused 1');
  journal.run('journalctl', '--rotate');
  journal.run('journalctl', '--vacuum-files=1');
  journal.log('sshd', 'refused 2');
  reader.start();
  await reader.has(2);
  assert.deepEqual(reader.messages(), ['refused 0', 'refused 2']);
  assert.equal(reader.lost().length, 1);
  assert.match(reader.lost()[0] ?? '', /may be missing from 20\S+Z to 20\S+Z$/);
});

void test(
  'a message of bytes, of several lines or of great length comes whole',
  NEEDS,
  async (t) => {
    const journal = await journald(t);
    const reader = readers(t, journal);
    const long = `refused ${'x'.repeat(40_000)}`;
    journal.run('bash', '-c', String.raw`printf 'weird \033[31m \377' | systemd-cat -t a`);
    journal.run(
      'bash',
      '-c',
      String.raw`printf 'MESSAGE=weird\nMESSAGE=twins\n' | logger --journald`,
    );
    journal.run('systemd-cat', 'echo', long);
    reader.start();
    await reader.has(3);
    assert.deepEqual(
      new Set(reader.messages().map((message) => JSON.stringify(message))),
      new Set([
        JSON.stringify([...Buffer.from('weird \x1b[31m \xff', 'latin1')]),
        '"weird\\ntwins"',
        JSON.stringify(long),
      ]),
    );
  },
);
