/**
 * Random refusals of a central log host, with sweeps, scans, scans of networks and storms among
 * them, while the agent crashes and monitors take, refuse and lose what they are sent.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Fold } from '../../src/fold/fold.ts';
import { askQueue } from '../../src/queue/reader.ts';
import type { Queue } from '../../src/queue/queue.ts';
import type { RuleConfig } from '../../src/result/rules-config.ts';
import { unaccounted } from '../../src/verify/results.ts';
import * as fc from '../support/fast-check.ts';
import { newPipeline, openQueue, waiting } from '../support/pipeline.ts';
import { tempDir } from '../support/temp.ts';

const BEGIN = Date.UTC(2026, 10, 22, 20, 50);
const MONITOR = 'monitor:5667';
/** FC_RUNS=2000 looks longer. */
const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 25) };
const STREAMS = ['a', 'b'];
const EVER = { since: 0, until: Infinity, host: null };

const FOLD = {
  window: 10_000,
  maxWindow: 60_000,
  keys: 1000,
  scan: { daemons: 3, window: 30_000, network: 4, hosts: 3 },
  storm: { alerts: 8, every: 20_000 },
};
const IGNORED: RuleConfig = {
  if: { daemon: ['vsftpd'], client: [], user: [], host: [], hour: [] },
  ignore: true,
  state: null,
  service: null,
  host: null,
  output: null,
};

const refusal = fc.record({
  wait: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }) },
    fc.constantFrom(60, 600),
  ),
  client: fc.oneof(
    fc.constantFrom('203.0.113.7', '203.0.113.8'),
    fc.integer({ min: 1, max: 9 }).map((n) => `198.51.100.${n}`),
    fc.integer({ min: 1, max: 99 }).map((n) => `10.${n}.0.1`),
  ),
  host: fc.constantFrom('web1', 'web2', 'web3', 'web4', 'db1'),
  daemon: fc.constantFrom('sshd', 'sshd', 'in.telnetd', 'slapd', 'vsftpd'),
  /** In which logs it is. */
  logs: fc.constantFrom(['a'], ['a'], ['b'], STREAMS),
});
const block = fc.record({
  refusals: fc.array(refusal, { minLength: 1, maxLength: 25, size: 'max' }),
  /** Before the block is stored, while it is stored, or not at all. */
  crash: fc.constantFrom('no', 'no', 'before', 'during'),
  after: fc.constantFrom('nothing', 'deliver', 'setAside', 'discard', 'digest'),
});

type Refusal = typeof refusal extends fc.Arbitrary<infer T> ? T : never;

test('whatever crashes, each refusal is counted once and in one alert, and each alert is somewhere', (t) => {
  const dir = tempDir(t);
  let run = 0;
  const seen = { scans: 0, sweeps: 0, storms: 0 };
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 12, size: 'max' }), (blocks) => {
      const path = join(dir, `${run++}.db`);
      const agent = new CrashingAgent(path);
      for (const { refusals, crash, after } of blocks) {
        agent.read(refusals, crash);
        handle(agent.queue, after);
      }
      agent.end();
      const expected = new Map<string, number>();
      for (const { host, daemon, client } of blocks.flatMap(({ refusals }) => refusals)) {
        const key = `${host} ${daemon} ${client}`;
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const { rows, totals, outcomes, folds, events } = askQueue(
        path,
        ({ history, overview, proof }) => ({
          rows: history.rows(EVER, null, 1e6),
          totals: overview.totals(),
          outcomes: proof.outcomes(0),
          folds: proof.folds(),
          events: history.events(EVER, 1),
        }),
      );
      const counted = new Map<string, number>();
      for (const { host, daemon, client, denials } of rows) {
        const key = `${host} ${daemon} ${client}`;
        counted.set(key, (counted.get(key) ?? 0) + denials);
      }
      assert.deepEqual(counted, expected);
      const { denials = 0, ignored = 0, reported = 0 } = totals;
      assert.equal(ignored + reported + new Fold(FOLD, folds).open(), denials);
      assert.deepEqual(unaccounted(outcomes), []);
      for (const kind of ['scans', 'sweeps', 'storms'] as const) seen[kind] += events[kind];
    }),
    RUNS,
  );
  t.diagnostic(JSON.stringify(seen));
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 0, kind);
});

/** An agent that reads two logs, and can be killed. */
class CrashingAgent {
  readonly queue: Queue;
  #pipeline: ReturnType<typeof newPipeline>;
  #at = BEGIN;
  #pid = 100;
  #lines = 0;

  constructor(path: string) {
    this.queue = openQueue(path);
    this.#pipeline = this.#start();
  }

  /** Reads refusals from the logs that have them; what is lost in a crash is read again. */
  read(refusals: readonly Refusal[], crash: 'no' | 'before' | 'during'): void {
    const lines = refusals.map(({ wait, client, host, daemon, logs }) => {
      this.#at += wait * 1000;
      const time = new Date(this.#at).toISOString();
      const text = `${time} ${host} ${daemon}[${this.#pid++}]: refused connect from ${client} (${client})\n`;
      return { text, logs };
    });
    if (crash === 'before') this.#restart();
    for (const stream of STREAMS) {
      const bytes = Buffer.from(
        lines.flatMap(({ text, logs }) => (logs.includes(stream) ? [text] : [])).join(''),
      );
      const offer = () =>
        this.#pipeline.take({ stream, bytes, position: { lines: ++this.#lines } });
      if (crash === 'during') this.#fail(offer);
      offer();
    }
  }

  end(): void {
    for (const stream of STREAMS) this.#pipeline.caughtUp(stream);
    this.#pipeline.close();
    this.queue.close();
  }

  #start(): ReturnType<typeof newPipeline> {
    const now = () => this.#at + 1000;
    const pipeline = newPipeline(this.queue, STREAMS, { fold: FOLD, rules: [IGNORED], now });
    for (const stream of STREAMS) pipeline.positionOf(stream);
    return pipeline;
  }

  #restart(): void {
    this.#pipeline.close();
    this.#pipeline = this.#start();
  }

  /** Kills it at the end of the transaction, before that is committed. */
  #fail(work: () => void): void {
    const killed = new Error('killed');
    this.queue.store = () => {
      throw killed;
    };
    try {
      work();
    } catch (error) {
      assert.equal(error, killed);
    } finally {
      // Only its own: the class has the method.
      Reflect.deleteProperty(this.queue, 'store');
    }
    this.#restart();
  }
}

/** What monitors and administrators do with what waits. */
function handle(
  queue: Queue,
  what: 'nothing' | 'deliver' | 'setAside' | 'discard' | 'digest',
): void {
  const outbox = queue.outbox(MONITOR);
  const ids = waiting(queue).map(({ id }) => id);
  if (what === 'deliver') outbox.delivered(ids.slice(0, 5));
  else if (what === 'setAside' && ids[0] !== undefined) outbox.setAside(ids[0], 'no such service');
  else if (what === 'discard') queue.discard(null);
  else if (what === 'digest') queue.outbox(MONITOR, { digestAfter: -1 }).digest();
}
