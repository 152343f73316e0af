/**
 * Runs a fuzz target for a number of cases. `npm test` runs a slice; `FUZZ_CASES` asks for so many
 * log lines (`npm run fuzz`: ten million) and for as many cases of other targets as take about a
 * like time. `FUZZ_SEED` is where it begins: each round has a seed of its own, which a failure names.
 */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TestContext } from 'node:test';
import { randomFrom } from '../support/random.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** Whether a long run was asked for. */
export const LONG = CASES >= 1_000_000;
/** What the heap may grow by between a tenth of the cases and all of them, bytes. */
const GROWTH = 4 << 20;
/** So many cases must have warmed up what is compiled and cached, before the heap is compared. */
const WARM = 200_000;

type Random = (below: number) => number;

interface Target {
  /** How many cases for each log line of the whole run. */
  readonly share: number;
  /** How many cases a round has. */
  readonly round: number;
  /** Plays the cases of a round; throws where one of them shows a mistake. */
  readonly play: (random: Random) => void | Promise<void>;
}

/** Plays rounds until there were enough cases; the heap must not have grown by them. */
export async function campaign(t: TestContext, { share, round, play }: Target): Promise<void> {
  const rounds = Math.max(1, Math.ceil((CASES * share) / round));
  const begin = process.cpuUsage();
  const tenth = Math.floor(rounds / 10);
  let early = 0;
  for (let n = 0; n < rounds; n++) {
    if (n === tenth) early = await heap();
    const seed = (SEED + Math.imul(n, 0x9e3779b1)) | 0;
    try {
      await play(randomFrom(seed));
    } catch (error) {
      const again = `FUZZ_SEED=${seed} FUZZ_CASES=1`;
      throw new Error(`${(error as Error).message}\nagain with ${again}`, { cause: error });
    }
  }
  const { user, system } = process.cpuUsage(begin);
  const grown = (await heap()) - early;
  const seconds = (user + system) / 1e6;
  const cases = rounds * round;
  t.diagnostic(
    `${cases} cases in ${seconds.toFixed(1)} CPU seconds, ` +
      `heap ${(grown / 1024).toFixed(0)} KiB more than after a tenth of them`,
  );
  if (cases >= WARM) assert.ok(grown < GROWTH, `the heap has grown by ${grown} bytes`);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use, garbage collected, also what native objects hold until the next turn. */
async function heap(): Promise<number> {
  for (let turns = 0; turns < 3; turns++) {
    collect();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
