import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { stringify } from 'yaml';
import { ConfigError } from '../../src/config/error.ts';
import { loadConfig } from '../../src/agent/config.ts';
import { tempDir } from '../support/temp.ts';
import { campaign, LONG } from './campaign.ts';
import { HOSTILE, mutator, ROOM } from './mutate.ts';

const example = readFileSync(join(import.meta.dirname, '../../etc/denywatch.yaml'));
/** Pieces of the example's text, and what YAML has beyond it. */
const SAMPLES = [
  example,
  ...`
host: gw
sources: [{ file: /var/log/auth.log }, journal: {}]
monitors: [{ nsca: monitor, encryption: aes, password: x }]
---
sources: &all
  - file: [a, b*.log]
    from: start
    maxLine: 64KiB
monitors: *all
---
sources: [{ file: x }]
monitors:
  - { nsca: '[::1]:5667', packet: 720, timeout: 5s, passwordFile: secret }
  - { nsca-ng: m:1, identity: gw, credential: y }
  - { nsca: m2, sendNscaConfig: send_nsca.cfg, sourceAddress: 127.0.0.1 }
fold: { window: 60s, maxWindow: 1h 30m, scan: false, storm: { alerts: 60, every: 60s } }
rules: [{ if: { client: 10.0.0.0/8, hour: 8-18, daemon: 'ss*' }, ignore: true }, { state: 1 }]
hosts: { allow: [a, 'b*'], map: { a: b }, other: c }
heartbeat: { service: denywatch, every: 5m, okAfter: 24h }
queue: { path: q.db, keep: 7d, results: 100000, size: 256MiB, order: newest, digestAfter: false }
output: 'Denied {daemon}-{client}'
---
? { a: b }
: !!binary aGVsbG8=
<<: { host: x }
sources: !!set { a, b }
deliver: |
  first
`
    .split('---')
    .map((text) => Buffer.from(text.trimStart())),
];

const WORDS = HOSTILE.concat(
  [
    '&a ',
    '*a',
    '!!',
    '!!null',
    '!!js/function ',
    '? ',
    ': ',
    '- ',
    '|\n',
    '>-\n',
    '%YAML 1.1\n---\n',
    '...\n',
    '<<: ',
    '~',
    'null',
    'false',
    '1e999',
    '0o777',
    '.inf',
    '.nan',
    '2026-11-23',
    '7d',
    '1KiB',
    '\n  ',
    '\n\t',
    '#',
    '[',
    '{',
    '"',
    "'",
    '/dev/null',
    '../../..',
    '*?[',
  ].map((word) => Buffer.from(word)),
);

const MARKS = `${'x'.repeat(50)}\n`;

/** Loads a text as configuration: it is good, or refused as an administrator can understand. */
function check(file: string, text: string | Buffer): boolean {
  writeFileSync(file, text);
  try {
    const { config } = loadConfig(file, { CREDENTIALS_DIRECTORY: join(file, '..') });
    assert.ok(config.sources.length > 0);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert.ok(error.problems.length > 0);
    for (const { message } of error.problems) assert.ok(message.length > 0);
    return false;
  } finally {
    assert.ok(readFileSync(file).equals(Buffer.from(text)), 'the file is the administrator’s');
  }
}

function given(t: test.TestContext): string {
  const dir = tempDir(t);
  mkdirSync(join(dir, 'd'));
  for (const name of ['secret', 'y', 'x']) writeFileSync(join(dir, name), MARKS);
  writeFileSync(join(dir, 'send_nsca.cfg'), 'password=x\n');
  return join(dir, 'denywatch.yaml');
}

test('whatever is in a configuration file, it is taken or refused with what is wrong', async (t) => {
  const file = given(t);
  const mutate = mutator(SAMPLES, WORDS);
  const space = Buffer.alloc(ROOM);
  let good = 0;
  let all = 0;
  await campaign(t, {
    share: 0.005,
    round: 10,
    play: (random) => {
      for (let n = 0; n < 10; n++) {
        const text = space.subarray(0, mutate(random, space, 0));
        all++;
        try {
          if (check(file, text)) good++;
        } catch (error) {
          throw new Error(`${(error as Error).message}\nwith ${JSON.stringify(text.toString())}`, {
            cause: error,
          });
        }
      }
    },
  });
  t.diagnostic(`${good} of ${all} were good`);
});

test('any values under any keys are taken or refused', (t) => {
  const file = given(t);
  const key = fc.constantFrom(
    ...`host service state output sources monitors deliver fold pace queue heartbeat hosts rules file
    journal from maxLine keepRotated zone nsca nsca-ng name encryption password sendNscaConfig packet
    timeout identity window maxWindow scan storm keys if client hour ignore allow map other every
    okAfter path size keep digestAfter __proto__ constructor`.split(/\s+/),
  );
  const text = fc.oneof(
    fc.constantFrom(
      '',
      '5m',
      '1h',
      '64KiB',
      'first',
      'oldest',
      '/var/log/auth.log',
      'm:5667',
      'aes',
      '10.0.0.0/8',
      '8-18',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.oneof(fc.integer(), fc.double(), fc.bigInt(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const document = fc.dictionary(key, value, { maxKeys: 6 });
  fc.assert(
    fc.property(document, (config) => void check(file, stringify(config))),
    { numRuns: LONG ? 3000 : 100 },
  );
});

const doubled = (n: number) =>
  n === 0 ? 'a0: &a0 [x, x]\n' : `a${n}: &a${n} [*a${n - 1}, *a${n - 1}]\n`;

test('a configuration that is a bomb is refused, and soon', (t) => {
  const file = given(t);
  const bombs = {
    aliases: Array.from({ length: 30 }, (_, n) => doubled(n)).join('') + 'sources: *a29\n',
    itself: 'sources: &a [*a]\n',
    missing: 'sources: *nowhere\n',
    'deep lists': `sources: ${'['.repeat(20_000)}`,
    'deep maps': `sources: ${'{a: '.repeat(20_000)}`,
    'deep blocks': Array.from({ length: 2000 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''),
    'a long key': `${'k'.repeat(1 << 20)}: 1\n`,
    'many keys': Array.from({ length: 20_000 }, (_, n) => `key${n}: 1\n`).join(''),
    'a long duration': `sources: [{ file: x }]\nfold: { window: ${'1s'.repeat(1 << 19)}! }\n`,
    'a long text': `sources: [{ file: x }]\nhost: "${'é'.repeat(1 << 19)}"\n`,
  };
  for (const [name, text] of Object.entries(bombs)) {
    const begin = process.cpuUsage();
    assert.equal(check(file, text), false, name);
    const { user, system } = process.cpuUsage(begin);
    const took = (user + system) / 1000;
    assert.ok(took < 5000, `${name} took ${took} ms of CPU`);
  }
});
