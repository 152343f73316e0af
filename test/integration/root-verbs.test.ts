/** What somebody with the agent's rights puts in the way of verbs that root runs. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { describe, type TestContext } from 'node:test';
import { Queue } from '../../src/queue/queue.ts';
import { denywatch, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';

/** The agent's user. */
const AGENT = 65_534;

const VERBS: Readonly<Record<string, readonly string[]>> = {
  status: [],
  report: [],
  queue: ['list'],
  'queue drop': ['--all'],
  send: ['firestorm', 'service', 'ok', 'fine'],
  denied: ['192.0.2.1', 'sshd'],
  run: ['--once'],
};

/** One that reads, one that changes, and the agent. */
const SOME: ReadonlySet<string> = new Set(['status', 'send', 'run']);

function setUp(t: TestContext) {
  const dir = tempDir(t);
  chmodSync(dir, 0o755);
  const own = join(dir, 'own');
  mkdirSync(own);
  chownSync(own, AGENT, AGENT);
  writeFileSync(join(dir, 'auth.log'), '');
  const queue = join(own, 'queue.db');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    queue: { path: queue },
  });
  return { dir, queue, config };
}

function makeQueue(path: string): void {
  new Queue(path, { bounds: { results: 100, size: 1 << 24, keep: 1e9 } }).close();
}

/** A file of another program. */
function makeOther(path: string): void {
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE history (secret TEXT); CREATE TABLE total (name TEXT, value INTEGER)');
  db.close();
}

/** What is in the way, and what is said of it. */
interface Attack {
  readonly what: string;
  /** Every verb is tried, and not only one of each kind. */
  readonly all?: boolean;
  readonly said: RegExp;
  /** Gives the file that must stay as it is, there or not. */
  readonly prepare: (dir: string, queue: string) => string;
}

const ATTACKS: readonly Attack[] = [
  {
    what: 'a link to a name that is not there',
    all: true,
    said: /queue\.db is a symbolic link/,
    prepare: (dir, queue) => {
      symlinkSync(join(dir, 'victim'), queue);
      return join(dir, 'victim');
    },
  },
  {
    what: "a link to another program's database",
    said: /queue\.db is a symbolic link/,
    prepare: (dir, queue) => {
      makeOther(join(dir, 'victim'));
      symlinkSync(join(dir, 'victim'), queue);
      return join(dir, 'victim');
    },
  },
  {
    what: "another program's database",
    said: /queue\.db is not a queue of denywatch/,
    prepare: (_, queue) => {
      makeOther(queue);
      chownSync(queue, AGENT, AGENT);
      return queue;
    },
  },
  {
    what: 'a second name of a file',
    said: /queue\.db is one file with 2 names/,
    prepare: (dir, queue) => {
      makeQueue(join(dir, 'victim'));
      linkSync(join(dir, 'victim'), queue);
      return join(dir, 'victim');
    },
  },
  {
    what: "somebody else's file",
    said: /queue\.db belongs to uid 12345, which is neither/,
    prepare: (_, queue) => {
      makeQueue(queue);
      chownSync(queue, 12_345, 12_345);
      return queue;
    },
  },
  {
    what: 'a view that keeps whoever asks it busy',
    all: true,
    said: /queue\.db is not a queue of denywatch/,
    prepare: (_, queue) => {
      makeQueue(queue);
      const db = new DatabaseSync(queue);
      db.exec(`DROP TABLE total; CREATE VIEW total AS
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'denials' AS name,
          max(i) AS value FROM n`);
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
      chownSync(queue, AGENT, AGENT);
      return queue;
    },
  },
];

void describe('a verb that root runs', { concurrency: 2 }, () => {
  for (const { what, all = false, said, prepare } of ATTACKS) {
    void test(`is not led astray by ${what}`, needs('root'), async (t) => {
      const { dir, queue, config } = setUp(t);
      const victim = prepare(dir, queue);
      const content = () => (existsSync(victim) ? readFileSync(victim) : null);
      const before = content();
      for (const [verb, args] of Object.entries(VERBS)) {
        if (!all && !SOME.has(verb)) continue;
        const run = denywatch(t, ...verb.split(' '), '--config', config, ...args);
        // A denial is left in a file.
        assert.equal(
          await run.end(),
          verb === 'denied' ? 0 : 1,
          `${verb}: ${run.stdout()}${run.stderr()}`,
        );
        // It says nothing on a socket, which it has here.
        if (verb !== 'denied') assert.match(run.stderr(), said, verb);
        assert.deepEqual(content(), before, verb);
      }
    });
  }

  void test(
    "delivers a test as the agent's user, and no longer as root",
    needs('root'),
    async (t) => {
      const { dir, queue, config } = setUp(t);
      const secret = join(dir, 'secret');
      writeFileSync(secret, 'secret', { mode: 0o600 });
      const monitors = [{ nsca: '127.0.0.1:9', passwordFile: secret }];
      const named = writeConfig(dir, {
        sources: [{ file: 'auth.log' }],
        monitors,
        queue: { path: queue },
      });
      assert.equal(named, config);
      const tested = async () => {
        const run = denywatch(t, 'test', '--config', config);
        return { status: await run.end(), text: run.stdout() + run.stderr() };
      };
      const shut = await tested();
      assert.equal(shut.status, 78, shut.text);
      assert.match(shut.text, /monitors\.0\.passwordFile: cannot read .*secret: permission denied/);
      chownSync(secret, AGENT, AGENT);
      const open = await tested();
      assert.equal(open.status, 1, open.text);
      assert.match(open.text, /not taken: can't connect/);
    },
  );

  void test("does it with the rights of the directory's owner", needs('root'), async (t) => {
    const { dir, queue, config } = setUp(t);
    // Root would get there.
    const closed = join(dir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    symlinkSync(closed, `${queue}.spool`);
    writeFileSync(queue, 'no queue');
    const refused = denywatch(t, 'denied', '--config', config, '192.0.2.1', 'sshd');
    assert.equal(await refused.end(), 1);
    assert.deepEqual(readdirSync(closed), []);
    rmSync(queue);
    rmSync(`${queue}.spool`);
    for (const verb of ['denied', 'send', 'status', 'report']) {
      const run = denywatch(t, verb, '--config', config, ...VERBS[verb]!);
      await run.end();
      assert.doesNotMatch(run.stderr(), /queue/, verb);
    }
    for (const name of ['', '-wal', '-shm']) {
      const stats = statSync(`${queue}${name}`, { throwIfNoEntry: false });
      assert.equal(stats?.uid ?? AGENT, AGENT, name);
    }
  });
});
