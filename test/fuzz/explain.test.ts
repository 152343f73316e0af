import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { CLI } from '../support/agent.ts';
import { randomFrom } from '../support/random.ts';
import { LONG } from './campaign.ts';
import { mutator, ROOM } from './mutate.ts';
import { corpusLines, sampleLines } from './samples.ts';
import { assertClean } from './shown.ts';

const LINES = LONG ? 100_000 : 3000;

/** What a terminal acts on, or shows in another order than it is written. */
const NO_TEXT = /[\p{C}\u2028\u2029]/u;

/** A log of so many mutated lines. */
function log(seed: number): Buffer {
  const random = randomFrom(seed);
  const mutate = mutator([...sampleLines(), ...corpusLines()]);
  const space = Buffer.alloc(ROOM);
  const lines: Buffer[] = [];
  while (lines.length < LINES) {
    const size = mutate(random, space, 0);
    lines.push(Buffer.concat([space.subarray(0, size), Buffer.from('\n')]));
  }
  return Buffer.concat(lines);
}

function explain(input: Buffer, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'explain', ...args, '-'], {
    input,
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').slice(0, -1);
}

const input = log(1);

test('explain shows nothing of a hostile log that a terminal would act on', () => {
  const shown = explain(input);
  assert.ok(shown.length > LINES / 10);
  for (const line of shown) assert.doesNotMatch(line, NO_TEXT);
});

test('explain --json gives one object a line, whatever is in the log', () => {
  const shown = explain(input, '--json');
  assert.ok(shown.length > LINES / 20);
  let last = 0;
  for (const line of shown) {
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    const read = JSON.parse(line) as { line: number; output: string };
    assert.ok(read.line > last);
    last = read.line;
    assertClean(read.output);
  }
});
