/**
 * Random histories of a machine: logs are written, read by the agent and rotated in many ways, and
 * then verified. Whatever happened, all is accounted for; and whatever is taken out of the history or
 * of a log is found.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { loadWithoutMonitors, type Config } from '../../src/agent/config.ts';
import type { Refused } from '../../src/queue/history-reader.ts';
import { verify } from '../../src/verify/verify.ts';
import { writeConfig } from '../support/agent.ts';
import { CountingAgent } from '../support/counting-agent.ts';
import * as fc from '../support/fast-check.ts';
import { tempDir } from '../support/temp.ts';

/** FC_RUNS=1000 looks longer, FC_SEED=random elsewhere. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 20) };
const SECOND = 1000;
const HOUR = 3600 * SECOND;

const PACKERS: Readonly<Record<string, readonly [end: string, command: readonly string[]]>> = {
  gzip: ['.gz', ['gzip', '-n']],
  xz: ['.xz', ['xz', '-q']],
  bzip2: ['.bz2', ['bzip2']],
  zstd: ['.zst', ['zstd', '-q', '--rm']],
};

/** What a history may begin before, by some hours: an hour that comes twice, one that is missing, … */
const DATES = {
  'the beginning of summer time': Date.UTC(2026, 2, 29, 1),
  'its end': Date.UTC(2026, 9, 25, 1),
  'the end of a month': Date.UTC(2026, 9, 31, 23),
  'the end of a year': Date.UTC(2025, 11, 31, 23),
};
const LONG_AGO = new Date(Date.now() - HOUR);
const ZONE = 'Europe/Berlin';
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const setup = fc.record({
  names: fc.constantFrom('number', 'date', 'odd'),
  olddir: fc.constantFrom(null, null, 'archive', '../archive'),
  copies: fc.boolean(),
  packer: fc.constantFrom(null, 'gzip', 'xz', 'bzip2', 'zstd'),
  delays: fc.boolean(),
  pattern: fc.boolean(),
  follows: fc.boolean(),
  begin: fc.constantFrom(...Object.values(DATES)).map((at) => at - 6 * HOUR),
  form: fc.constantFrom('iso', 'iso', 'traditional'),
});
const refusal = fc.record({
  client: fc.integer({ min: 1, max: 5 }).map((n) => `192.0.2.${n}`),
  host: fc.constantFrom('web1', 'web2'),
  wait: fc.constantFrom(0, 1, 60, 600, 1500),
  /** How far the time of the line is off, s. */
  lie: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(-7200, 3600, 31_536_000)),
  logs: fc.constantFrom([0], [0], [1], [0, 1]),
});
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('write' as const),
      refusals: fc.array(refusal, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('run' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('rotate' as const), log: fc.nat(1) }) },
);

type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;
type Refusal = typeof refusal extends fc.Arbitrary<infer T> ? T : never;

const TRUTH: Refusal = { client: '192.0.2.9', host: 'web1', wait: 1, lie: 0, logs: [0, 1] };

test('whatever rotation does, all is accounted for, and what is taken out is found', async (t) => {
  const top = tempDir(t);
  let count = 0;
  const seen = { rotations: 0, unread: 0, elsewhere: 0, moved: 0 };
  const history = fc.array(step, { minLength: 4, maxLength: 20, size: 'max' });
  await fc.assert(
    fc.asyncProperty(setup, history, async (how, steps) => {
      const machine = new Machine(join(top, `${++count}`), how);
      // A wrong time is recognised by those before it.
      await machine.write([TRUTH, TRUTH, TRUTH]);
      for (const one of steps) {
        if (one.what === 'write') await machine.write(one.refusals);
        else if (one.what === 'run') await machine.run();
        else await machine.rotate(one.log);
      }
      if (!machine.hasRun) await machine.run();
      await machine.stop();
      const verdict = await machine.verify();
      assert.ok(verdict.isGood, JSON.stringify(verdict, null, 1));
      await machine.run();
      await machine.stop();
      const all = await machine.verify();
      assert.deepEqual([all.isGood, all.unread], [true, 0], JSON.stringify(all, null, 1));
      seen.rotations += machine.rotations;
      if (how.olddir !== null) seen.elsewhere += machine.rotations;
      seen.unread += verdict.unread;
      seen.moved += all.moved;
      const taken = machine.takeOutOfHistory();
      if (taken === null || all.moved > 0) return;
      const { differences } = await machine.verify();
      const found = differences.map(({ hour, host, daemon, client, missing }) => {
        return { hour, host, daemon, client, missing };
      });
      assert.deepEqual(found, [taken]);
    }),
    RUNS,
  );
  t.diagnostic(JSON.stringify(seen));
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 0, what);
});

/** A machine with two logs, and an agent that is started now and then. */
class Machine {
  rotations = 0;
  hasRun = false;
  readonly #dir: string;
  readonly #logs: readonly string[];
  readonly #how: Setup;
  readonly #config: Config;
  #at: number;
  #pid = 100;
  #agent: CountingAgent | null = null;

  constructor(dir: string, how: Setup) {
    this.#dir = join(dir, 'log');
    this.#how = how;
    this.#at = how.begin;
    mkdirSync(this.#dir, { recursive: true });
    this.#logs = ['auth.log', 'daemon.log'].map((name) => join(this.#dir, name));
    for (const log of this.#logs) writeFileSync(log, '');
    if (how.olddir !== null) mkdirSync(join(this.#dir, how.olddir));
    const files = how.pattern ? [join(this.#dir, '*.log')] : this.#logs;
    const path = writeConfig(dir, {
      host: '{host}',
      hosts: { allow: ['web*'], other: 'loghost' },
      sources: files.map((file) => ({ file, from: 'start', zone: ZONE })),
      monitors: [{ nsca: '127.0.0.1:1', password: 'p', name: 'nsca' }],
      history: { keep: '3650d' },
    });
    this.#config = loadWithoutMonitors(path);
  }

  async write(refusals: readonly Refusal[]): Promise<void> {
    for (const { client, host, wait, lie, logs } of refusals) {
      this.#at += wait * SECOND;
      // Two within a quarter of an hour would be a clock that is wrong.
      const wrong = lie === 0 ? 0 : lie + 1800 * this.#pid;
      const line = `${this.#written(this.#at + wrong * SECOND)} ${host} sshd[${this.#pid++}]: refused connect from ${client} (${client})\n`;
      // Two logs of one host may show different reasons not to believe a time.
      const its = lie === 0 ? logs : logs.slice(0, 1);
      for (const log of its) appendFileSync(this.#logs[log]!, line);
      if (this.#agent !== null) await this.#agent.catchUp();
    }
  }

  /** Starts or stops the agent; one that does not follow the logs reads what is there. */
  async run(): Promise<void> {
    if (this.#agent !== null) return this.stop();
    // Nothing recognises a log that was empty, once it is packed in a directory that nobody knows.
    if (!this.hasRun) await this.write([TRUTH, TRUTH, TRUTH]);
    this.hasRun = true;
    this.#agent = new CountingAgent(this.#config, {
      once: !this.#how.follows,
      now: () => this.#at,
    });
    await this.#agent.catchUp();
    if (!this.#how.follows) await this.stop();
  }

  async stop(): Promise<void> {
    await this.#agent?.stop();
    this.#agent = null;
  }

  async rotate(which: number): Promise<void> {
    const log = this.#logs[which]!;
    const { names, olddir, copies, delays } = this.#how;
    const directory = olddir === null ? dirname(log) : join(dirname(log), olddir);
    const base = join(directory, basename(log));
    const number = ++this.rotations;
    if (names === 'number') this.#shift(base);
    const rotated =
      base + { number: '.1', date: `-${20_261_000 + number}`, odd: `.Nov${number}` }[names];
    // A copy with a name that is not a usual one, or a packed one, is not recognised.
    if (copies && names !== 'odd') {
      copyFileSync(log, rotated);
      truncateSync(log, 0);
    } else {
      renameSync(log, rotated);
      writeFileSync(log, '');
    }
    // What was rotated before the first start was so for a while.
    if (!this.hasRun) utimesSync(rotated, LONG_AGO, LONG_AGO);
    await this.#agent?.catchUp();
    const due = delays ? `${base}.2` : rotated;
    if (names !== 'odd' && existsSync(due)) this.#pack(due);
    await this.#agent?.catchUp();
  }

  verify() {
    return verify(this.#config, { since: this.#how.begin, now: this.#at, host: null });
  }

  /** Takes a row out of the history; gives the difference that this makes, or null. */
  takeOutOfHistory() {
    const db = new DatabaseSync(this.#config.queue.path);
    try {
      const rows = 'FROM history ORDER BY hour DESC, host, client LIMIT 1';
      const row = db.prepare(`SELECT * ${rows}`).get() as unknown as Refused | undefined;
      if (row === undefined) return null;
      db.exec(
        `DELETE FROM history WHERE (hour, host, daemon, client) = (SELECT hour, host, daemon, client ${rows})`,
      );
      const { denials: missing, ...where } = row;
      return { ...where, missing };
    } finally {
      db.close();
    }
  }

  /** A time as it is written to a log. */
  #written(at: number): string {
    if (this.#how.form === 'iso') return new Date(at).toISOString();
    const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(ZONE);
    return `${MONTHS[local.month - 1]} ${`${local.day}`.padStart(2)} ${local.toPlainTime().toString({ smallestUnit: 'second' })}`;
  }

  #shift(base: string): void {
    const ends = ['', ...Object.values(PACKERS).map(([end]) => end)];
    for (let n = 30; n > 0; n--)
      for (const end of ends)
        if (existsSync(`${base}.${n}${end}`))
          renameSync(`${base}.${n}${end}`, `${base}.${n + 1}${end}`);
  }

  #pack(path: string): void {
    const packer = PACKERS[this.#how.packer ?? ''];
    if (packer === undefined) return;
    const [end, [command, ...args]] = packer;
    const { atime, mtime } = statSync(path);
    execFileSync(command!, [...args, path]);
    // bzip2 keeps only the second, and here more than one rotation is within it.
    utimesSync(path + end, atime, mtime);
  }
}
