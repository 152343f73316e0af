import assert from 'node:assert/strict';
import test from 'node:test';
import type { Denial } from '../../src/parse/denial.ts';
import { Parser, type Carry } from '../../src/parse/parser.ts';
import { datingBy } from '../../src/parse/time.ts';
import { campaign } from './campaign.ts';
import { mutator, reduced, ROOM } from './mutate.ts';
import { corpusLines, sampleLines } from './samples.ts';
import { assertDenial } from './shown.ts';

const NOW = Date.UTC(2026, 10, 23);
const LINES = 128;
const STREAM = 'log';

const REPEATS = [
  'Nov 22 21:56:43 gw last message repeated 4 times',
  'Nov 22 21:56:43 last message repeated 1 time',
  "Nov 22 21:56:43 gw sshd[7]: Last message 'refused connect' repeated 4 times, suppressed by syslog-ng on gw",
  'Nov 22 21:56:43 gw sshd[7]: message repeated 4 times: [ refused connect from 192.0.2.9 (192.0.2.9)]',
].map((line) => Buffer.from(line));

const samples = [...sampleLines(), ...corpusLines()];
// One line in eight reports a repeat of the line before it.
const withRepeats = samples.flatMap((line, n) => (n % 7 === 0 ? [line, REPEATS[n % 4]!] : [line]));

interface Found {
  readonly denial: Denial;
  readonly start: number;
  readonly end: number;
  readonly forged: boolean;
}

function readBlock(parser: Parser, bytes: Buffer, from: number, found: Found[]): void {
  const add =
    (forged: boolean) =>
    (denial: Denial, { start, end }: { start: number; end: number }) =>
      void found.push({ denial, start: from + start, end: from + end, forged });
  parser.read({ stream: STREAM, bytes }, { denial: add(false), forged: add(true) });
}

/** Reads a block, then its lines one at a time, then in two halves with a restart in between. */
function check(block: Buffer): void {
  const whole: Found[] = [];
  const first = new Parser({ dating: () => datingBy(NOW) });
  readBlock(first, block, 0, whole);
  for (const { denial } of whole) assertDenial(denial);

  const single: Found[] = [];
  const second = new Parser({ dating: () => datingBy(NOW) });
  let middle = 0;
  for (let from = 0, end; from < block.length; from = end) {
    end = block.indexOf(10, from) + 1 || block.length;
    readBlock(second, block.subarray(from, end), from, single);
    if (middle === 0 && end > block.length / 2) middle = end;
  }
  assertSame(whole, single);
  assert.deepEqual(first.carry(STREAM), second.carry(STREAM));

  const halves: Found[] = [];
  const before = new Parser({ dating: () => datingBy(NOW) });
  readBlock(before, block.subarray(0, middle), 0, halves);
  const after = new Parser({ dating: () => datingBy(NOW) });
  after.restore(STREAM, JSON.parse(JSON.stringify(before.carry(STREAM))) as Carry);
  readBlock(after, block.subarray(middle), middle, halves);
  assertSame(whole, halves);
}

const FIELDS = [
  'at',
  'host',
  'daemon',
  'client',
  'address',
  'user',
  'pid',
  'program',
  'format',
  'count',
] as const;

/** Faster than deepEqual, which is used only to show the difference. */
function assertSame(some: readonly Found[], others: readonly Found[]): void {
  const same = (one: Found, other: Found | undefined) =>
    one.start === other?.start &&
    one.end === other.end &&
    one.forged === other.forged &&
    FIELDS.every((field) => one.denial[field] === other.denial[field]);
  if (some.length === others.length && some.every((one, n) => same(one, others[n]))) return;
  assert.deepEqual(others, some);
}

const fails = (block: Buffer) => {
  try {
    check(block);
    return false;
  } catch {
    return true;
  }
};

function fuzzLines(mutate: ReturnType<typeof mutator>) {
  const space = Buffer.alloc(LINES * (ROOM + 1));
  return (random: (below: number) => number) => {
    let size = 0;
    for (let line = 0; line < LINES; line++) {
      size = mutate(random, space, size);
      space[size++] = 10;
    }
    // The last line of a file may lack its newline.
    const block = space.subarray(0, size - random(2));
    try {
      check(block);
    } catch (error) {
      const least = reduced(block, fails);
      const shown = `${JSON.stringify(least.toString())} (base64 ${least.toString('base64')})`;
      throw new Error(`${(error as Error).message}\nwith ${shown}`, { cause: error });
    }
  };
}

test('whatever is in a log, its lines are read one like all and come out clean', async (t) => {
  await campaign(t, { share: 0.8, round: LINES, play: fuzzLines(mutator(withRepeats)) });
});

test('whatever is in JSON records, they are read one like all and come out clean', async (t) => {
  const records = sampleLines(/json/);
  await campaign(t, { share: 0.2, round: LINES, play: fuzzLines(mutator(records)) });
});
