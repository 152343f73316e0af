import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';

const CASES = Math.ceil(Number(process.env['FUZZ_CASES'] ?? 100_000) / 25);
const SEED = process.env['FUZZ_SEED'] ?? '1';
/** Most memory that the process may ever have, KiB: half of what the unit gives the agent. */
const MEMORY = 256 << 10;
/** What the pages of the queue and the garbage collector's timing may make of it, KiB. */
const GROWTH = 64 << 10;

test('names of 64 KiB in every field do not end a process of 256 MiB, nor grow it', async (t) => {
  const path = join(tempDir(t), 'queue.db');
  const script = join(import.meta.dirname, 'long-names.ts');
  const node = [script, `${CASES}`, SEED, path];
  const run = program(t, process.execPath, node);
  assert.equal(await run.end(86_400_000), 0, `seed ${SEED}: ${run.stderr()}`);
  const { early, late, most, denials } = JSON.parse(run.stdout()) as Record<string, number>;
  t.diagnostic(
    `${CASES} lines, ${denials} denials, ${early} KiB, then ${late} KiB, ${most} KiB at most`,
  );
  assert.ok(most! < MEMORY, `${most} KiB`);
  assert.ok(denials! > CASES / 10);
  assert.ok(late! - early! < GROWTH, `${early} KiB, then ${late} KiB`);
  assert.ok(statSync(path).size < 16 << 20);
});
