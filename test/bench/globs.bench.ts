/** Thousands of logs under a pattern: see globs.ts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { program } from '../support/program.ts';
import type { Globs } from './globs.ts';
import { report } from './measure.ts';

const LOGS = 10_000;
const DIRECTORIES = 1_000;

test('thousands of logs under a pattern', async (t) => {
  const script = join(import.meta.dirname, 'globs.ts');
  const args = ['--expose-gc', script, String(LOGS), String(DIRECTORIES)];
  const run = program(t, process.execPath, args);
  assert.equal(await run.end(300_000), 0, run.stderr());
  const { start, later, memory, memoryAtEnd, alert, slowest, added, directory, idle } = JSON.parse(
    run.stdout(),
  ) as Globs;
  const of = `${LOGS} logs in ${DIRECTORIES} directories`;
  report(t, [
    { what: `${of}: first start, CPU time`, unit: 's', ours: start, bound: 3 },
    { what: 'a later start, CPU time', unit: 's', ours: later, bound: 3 },
    { what: 'memory for a log', unit: 'KiB', ours: memory, bound: 4 },
    { what: 'the same at the end', unit: 'KiB', ours: memoryAtEnd, bound: 4 },
    {
      what: 'from a write until its refusal is stored, median',
      unit: 'ms',
      ours: alert,
      bound: 50,
    },
    { what: 'the slowest of 50', unit: 'ms', ours: slowest, bound: 50 },
    { what: 'a new log, CPU time', unit: 'ms', ours: added, bound: 2 },
    { what: 'the first line of a log in a new directory', unit: 'ms', ours: directory, bound: 50 },
    { what: 'processor time without any change', unit: '% of a core', ours: idle, bound: 0.2 },
  ]);
});
