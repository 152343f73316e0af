import assert from 'node:assert/strict';
import test from 'node:test';
import { mixed, MIXTURES } from '../bench/mixtures.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { Parser, type Where } from '../../src/parse/parser.ts';
import type { Search } from '../../src/parse/search.ts';
import { Vectors } from '../../src/parse/search/vectors.ts';
import { scanByWindows } from '../../src/parse/search/windows.ts';
import type { Unseen } from '../../src/parse/unseen.ts';
import { Zone } from '../../src/text/zone.ts';
import { campaign } from './campaign.ts';
import { mutator, reduced, ROOM } from './mutate.ts';
import { corpusLines, sampleLines } from './samples.ts';

const LINES = 512;
const STREAM = 'log';
const NEWLINE = 10;
const dating = () => ({ now: Date.UTC(2026, 10, 23), zone: Zone.fixed(0), after: -Infinity });

/** Finds every line, whatever is in it. */
const everyLine: Search = (bytes, found) => {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    found(start, end);
    start = end + 1;
  }
};

const vectors = new Vectors();
/** Those that are used: for small blocks, and for large ones. */
const SEARCHES: readonly Search[] = [scanByWindows, vectors.scan.bind(vectors)];

type Found = readonly [what: string, Denial | Unseen, Where, reason?: string];

/** What a parser finds in a block, and what it keeps for the next one. */
function read(parser: Parser, bytes: Buffer): unknown {
  const found: Found[] = [];
  parser.read(
    { stream: STREAM, bytes },
    {
      denial: (denial, where) => found.push(['denial', denial, where]),
      forged: (denial, where, reason) => found.push(['forged', denial, where, reason]),
      unseen: (unseen, where) => found.push(['unseen', unseen, where]),
    },
  );
  return { found, carry: parser.carry(STREAM) };
}

function check(block: Buffer): void {
  const complete = read(new Parser({ dating, search: everyLine }), block);
  const text = JSON.stringify(complete);
  for (const search of SEARCHES) {
    const filtered = read(new Parser({ dating, search }), block);
    if (JSON.stringify(filtered) !== text) assert.deepEqual(filtered, complete);
  }
}

const fails = (block: Buffer) => {
  try {
    check(block);
    return false;
  } catch {
    return true;
  }
};

const nearMisses = MIXTURES.flatMap((mixture) =>
  Array.from(mixed(mixture).take(60), (line) => Buffer.from(line)),
);

test('what is read of a log does not depend on which lines the search skips', async (t) => {
  const mutate = mutator([...sampleLines(), ...corpusLines(), ...nearMisses]);
  const space = Buffer.alloc(LINES * (ROOM + 1));
  await campaign(t, {
    share: 1,
    round: LINES,
    play(random) {
      let size = 0;
      for (let line = 0; line < LINES; line++) {
        size = mutate(random, space, size);
        space[size++] = NEWLINE;
      }
      const block = space.subarray(0, size);
      try {
        check(block);
      } catch (error) {
        const least = JSON.stringify(reduced(block, fails).toString());
        throw new Error(`${(error as Error).message}\nwith ${least}`, { cause: error });
      }
    },
  });
});
