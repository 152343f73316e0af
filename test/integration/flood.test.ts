import assert from 'node:assert/strict';
import test from 'node:test';
import type { Flood } from '../bench/flood.ts';
import { program } from '../support/program.ts';

const BENCH = new URL('../bench/flood.ts', import.meta.url).pathname;
const LINES = 100_000;
/** Of a configuration that does not say, `storm.alerts`. */
const ALERTS = 60;
/** Periods of a storm that a minute can touch. */
const PERIODS = 2;
/** As much as the flood may add to an idle agent's resident memory, MiB. */
const ROOM = 40;

test('a flood is reported in a few alerts with exact counts, in bounded memory', async (t) => {
  const run = program(t, process.execPath, ['--expose-gc', BENCH, String(LINES)]);
  assert.equal(await run.end(), 0, run.stderr());
  const flood = JSON.parse(run.stdout()) as Flood;
  const { idle, most } = flood.megabytes;
  t.diagnostic(`${flood.microsecondsCpuPerLine} µs of CPU a line`);
  t.diagnostic(`${idle} MiB resident when idle, ${most} MiB at most`);
  assert.ok(flood.results - flood.summaries.length <= ALERTS, `${flood.results} results`);
  assert.ok(flood.summaries.length <= PERIODS, flood.summaries.join('\n'));
  assert.equal(flood.denials, LINES);
  assert.equal(flood.reported + flood.open, LINES);
  assert.ok(most - idle <= ROOM, `${idle} MiB when idle, ${most} MiB at most`);
});
