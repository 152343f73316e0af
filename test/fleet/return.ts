/** Watches a fleet return to a receiver. */
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { startFleet, type FleetOptions } from './agents.ts';
import type { Receiver } from './receivers.ts';

/** How often the receiver is probed, and how long it has to show the last result, ms. */
const PROBE_EVERY = 1_000;
const LAST = 60_000;

interface Return {
  readonly lost: number;
  /** Results that came twice. */
  readonly again: number;
  /** How long hosts waited until all of their results were taken, ms. */
  readonly median: number;
  readonly longest: number;
  /** Results in the busiest second. */
  readonly busiest: number;
  /** The slowest answer to a probe, ms. */
  readonly answer: number;
  readonly probes: number;
  readonly faults: ReadonlyMap<string, number>;
}

/** @param patience how long the fleet may take, ms */
export async function returnOf(
  t: TestContext,
  { open, has, probe }: Receiver,
  { patience, ...sizes }: Omit<FleetOptions, 'open'> & { readonly patience: number },
): Promise<Return> {
  const all = sizes.agents * sizes.results;
  const fleet = startFleet(t, { ...sizes, open });
  const isBack = () => fleet.waits().every((wait) => wait !== null);
  const failed = new AbortController();
  const goesOn = () => !isBack() && !failed.signal.aborted;
  const answers: number[] = [];
  const counts: number[] = [];
  const probing = (async () => {
    for (let n = 0; goesOn(); n++) {
      const began = performance.now();
      await probe(n);
      answers.push(performance.now() - began);
      await pause(Math.max(0, PROBE_EVERY - (performance.now() - began)));
    }
  })();
  const counting = (async () => {
    for (; goesOn(); await pause(1000)) counts.push((await has()).different);
  })();
  const delivered = until('all to be delivered', isBack, patience);
  await Promise.all([delivered, probing, counting])
    .catch((cause: unknown) => {
      const done = fleet.waits().filter((wait) => wait !== null).length;
      const arrived = `${counts.at(-1) ?? 0} of ${all} results had arrived, at most ${busiestOf(counts)} in a second`;
      throw new Error(`${done} of ${sizes.agents} hosts were done, ${arrived}`, { cause });
    })
    .finally(() => failed.abort());
  await until('the last', async () => (await has()).different >= all, LAST).catch(() => {});
  await fleet.stop();
  const { different, again } = await has();
  const waits = fleet
    .waits()
    .map(Number)
    .toSorted((a, b) => a - b);
  return {
    lost: all - different,
    again,
    median: waits[Math.floor(waits.length / 2)]!,
    longest: waits.at(-1)!,
    busiest: busiestOf(counts),
    answer: Math.max(...answers),
    probes: answers.length,
    faults: fleet.faults(),
  };
}

/** The most in one second, of what had arrived after each. */
function busiestOf(counts: readonly number[]): number {
  return Math.max(...counts.map((count, i) => count - (counts[i - 1] ?? 0)));
}

export function sentenceOf(found: Return): string {
  const { lost, again, median, longest, busiest, answer, probes, faults } = found;
  const kinds = [...faults].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return [
    `${lost} lost, ${again} twice`,
    `hosts waited ${seconds(median)} (median), at most ${seconds(longest)}`,
    `at most ${busiest} results in a second`,
    `${probes} probes, answered within ${seconds(answer)}`,
    `failed sessions: ${kinds === '' ? 'none' : kinds}`,
  ].join('; ');
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
