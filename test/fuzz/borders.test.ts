import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { blocks } from '../../src/parse/blocks.ts';
import { cutLines } from '../../src/source/file/lines.ts';
import { freshRecords, recordBlocks, seenEntries } from '../../src/source/journal/records.ts';
import { tempDir } from '../support/temp.ts';
import { campaign } from './campaign.ts';
import { mutator, ROOM } from './mutate.ts';
import { sampleLines } from './samples.ts';

type Random = (below: number) => number;

const NEWLINE = 10;
const CASES = 32;
const space = Buffer.alloc(CASES * (ROOM + 1));

/** Mutated lines, each with its newline but perhaps the last. */
function text(random: Random, mutate: ReturnType<typeof mutator>): Buffer {
  let size = 0;
  for (let line = 0; line < CASES; line++) {
    size = mutate(random, space, size);
    space[size++] = NEWLINE;
  }
  return space.subarray(0, size - random(2));
}

/** The same bytes in pieces of any size, many of them tiny. */
function* pieces(random: Random, bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random([1, 8, 300, 5000][random(4)]!);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Each line without its newline, and what is left behind the last one. */
function split(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
    lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return { lines, rest: bytes.subarray(from) };
}

const joined = (lines: readonly Buffer[]) =>
  Buffer.concat(lines.flatMap((line) => [line, Buffer.of(NEWLINE)]));

test('a file that grows by pieces is cut into the lines that it has as a whole', async (t) => {
  const mutate = mutator(sampleLines());
  await campaign(t, {
    share: 0.2,
    round: CASES,
    play: (random) => {
      const whole = text(random, mutate);
      const maxLine = [16, 100, 1000, 65_536][random(4)]!;
      let data = Buffer.alloc(0);
      let kept: Buffer | null = null;
      const got: Buffer[] = [];
      for (const piece of pieces(random, whole)) {
        data = Buffer.concat([data, piece]);
        for (;;) {
          const cut = cutLines(data, kept, maxLine);
          got.push(Buffer.from(cut.lines));
          data = data.subarray(cut.used);
          ({ kept } = cut);
          assert.ok((kept?.length ?? 0) <= maxLine);
          if (cut.used === 0 || data.length === 0) break;
        }
        assert.ok(data.length <= maxLine + piece.length, 'what waits for its end is bounded');
      }
      const lines = split(Buffer.concat(got)).lines;
      const want = split(whole).lines;
      assert.equal(lines.length, want.length);
      for (const [n, line] of lines.entries()) {
        if (line.equals(want[n]!.subarray(0, maxLine))) continue;
        // The hole at the start of a line that is too long is no part of it.
        const begin = want[n]!.findIndex((byte) => byte !== 0);
        const rest = begin === -1 ? Buffer.alloc(0) : want[n]!.subarray(begin);
        assert.ok(want[n]!.length > maxLine && want[n]![0] === 0);
        assert.ok(strip(line).equals(rest.subarray(0, strip(line).length)));
      }
    },
  });
});

const strip = (line: Buffer) => {
  const begin = line.findIndex((byte) => byte !== 0);
  return begin === -1 ? Buffer.alloc(0) : line.subarray(begin);
};

test('records of the journal come whole out of any pieces, each once', async (t) => {
  const mutate = mutator(sampleLines(/^journald-json/));
  const LIMIT = 4096;
  await campaign(t, {
    share: 0.1,
    round: CASES,
    play: (random) => {
      const whole = text(random, mutate);
      const left: number[] = [];
      const push = recordBlocks((bytes) => void left.push(bytes), LIMIT);
      const seen = seenEntries();
      const once = seenEntries();
      const got: Buffer[] = [];
      for (const piece of pieces(random, whole)) {
        const block = push(piece);
        if (block === null) continue;
        assert.equal(block.at(-1), NEWLINE);
        got.push(Buffer.from(block));
        const fresh = freshRecords(block, seen);
        if (fresh === null) continue;
        assert.equal(
          freshRecords(Buffer.from(fresh.bytes), once)?.bytes.length,
          fresh.bytes.length,
        );
        assert.equal(freshRecords(Buffer.from(fresh.bytes), seen), null);
      }
      const short = (lines: readonly Buffer[]) => lines.filter(({ length }) => length < LIMIT);
      const { lines } = split(Buffer.concat(got));
      const want = split(whole).lines;
      assert.deepEqual(joined(short(lines)), joined(short(want)));
      assert.equal(lines.length + left.length, want.length);
    },
  });
});

test('a file that is explained comes in whole lines, gzipped or not, or is said to be damaged', async (t) => {
  const mutate = mutator(sampleLines());
  const file = join(tempDir(t), 'log');
  await campaign(t, {
    share: 0.02,
    round: CASES,
    play: async (random) => {
      const plain = Buffer.from(text(random, mutate));
      const packed = random(2) === 0 ? plain : gzipSync(plain, { level: 1 });
      const damaged = packed !== plain && random(2) === 0;
      if (damaged) packed[random(packed.length)]! ^= 1 << random(8);
      writeFileSync(file, damaged ? packed.subarray(0, packed.length - random(20)) : packed);
      const got: Buffer[] = [];
      try {
        for await (const block of blocks([file], null)) got.push(Buffer.from(block));
      } catch (error) {
        assert.match((error as Error).message, /^cannot read /);
        assert.ok(damaged);
        return;
      }
      if (!damaged) assert.ok(Buffer.concat(got).equals(plain));
    },
  });
});
