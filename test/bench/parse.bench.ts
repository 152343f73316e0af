/** Reading the refusals where a fifth of all lines is one, against sec with one rule. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { blocks } from '../../src/parse/blocks.ts';
import { Parser } from '../../src/parse/parser.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { MB, writeLog } from './logs.ts';
import { compare, timed } from './measure.ts';

const EVERY = 5;
const SIZE = 100 * MB;
const SLICE = 10 * MB;

test('refusals are read', needs('sec'), async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  const slice = join(dir, 'slice.log');
  const { refusals } = writeLog(log, { bytes: SIZE }, EVERY);
  const few = writeLog(slice, { bytes: SLICE }, EVERY).refusals;

  const ours = async () => {
    const parser = new Parser();
    let count = 0;
    const began = performance.now();
    for await (const bytes of blocks([log], null)) {
      parser.read({ stream: log, bytes }, { denial: (denial) => (count += denial.count) });
    }
    const seconds = (performance.now() - began) / 1000;
    assert.equal(count, refusals);
    return [count / seconds];
  };

  const rule = join(dir, 'sec.conf');
  const found = join(dir, 'found');
  writeFileSync(
    rule,
    `type=Single
ptype=RegExp
pattern=refused connect from (\\S+) \\((\\S+)\\)
desc=denied $1
action=write - $1
`,
  );
  const sec = async () => {
    const args = [`--conf=${rule}`, `--input=${slice}`, '--fromstart', '--notail'];
    const { wall } = await timed('sec', args, { stdout: found });
    assert.equal(readFileSync(found, 'utf8').split('\n').length - 1, few);
    return [few / wall];
  };

  const what = `refusals read, every ${EVERY}th line of ${SIZE / MB} MB is one`;
  const comparison = { what, unit: 'denials/s', better: 'more', bound: 300_000 } as const;
  const peer = `sec with one rule, ${SLICE / MB} MB`;
  await compare(t, [{ ...comparison, peer, wanted: 10 }], ours, sec);
});
