/**
 * What hostile input costs by its length: twenty times as much of it must cost about twenty times
 * as much time. What is quadratic costs four hundred times as much.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readRecords } from '../../src/cli/send/records.ts';
import { ConfigError } from '../../src/config/error.ts';
import { loadConfig } from '../../src/agent/config.ts';
import { escapeOutput, outputOf } from '../../src/monitor/command.ts';
import { oneLine } from '../../src/monitor/nsca/encode.ts';
import { FORMATS } from '../../src/parse/formats.ts';
import { Parser } from '../../src/parse/parser.ts';
import { safe } from '../../src/text/name.ts';
import { cutLines } from '../../src/source/file/lines.ts';
import { freshRecords, recordBlocks, seenEntries } from '../../src/source/journal/records.ts';
import { tempDir } from '../support/temp.ts';
import { LONG } from './campaign.ts';
import { corpusLines, sampleLines } from './samples.ts';
import { nscaProtocol } from '../../src/monitor/nsca/protocol.ts';

const { limits } = nscaProtocol({ outputSize: 4096 });

/** A line of 1 MB and one of 50 kB. */
const TIMES = 20;
/** What takes less than this, ms, does not count: clocks and caches matter more than the text. */
const NOTHING = 10;
/**
 * How much more a byte of a long text may cost. Times are uneven, garbage is collected, and long
 * blocks are searched in another way; what is quadratic costs TIMES as much.
 */
const MORE = 5;

/** In the long run as wanted; else less of it, in which what is quadratic shows as well. */
const MEGABYTE = LONG ? 1e6 : 2e5;

const HEADER = 'Nov 22 21:56:43 gw sshd[7]: ';

/** Texts that grow with their size, each with what some reader may go over again and again. */
const SHAPES: Readonly<Record<string, string>> = {
  blanks: ' ',
  colons: ':',
  brackets: '[',
  'closing brackets': ']',
  parentheses: '(a) ',
  'at signs': 'a@',
  digits: '9',
  letters: 'a',
  words: 'a ',
  quotes: '"',
  backslashes: '\\',
  'carriage returns': '\r',
  tabs: '\t',
  'tabs and letters': 'a\t',
  NULs: '\0',
  'not ASCII': 'é',
  'nested repeats': 'message repeated 2 times: [ ',
  needles: 'refused ',
  'all needles': FORMATS.flatMap(({ needles }) => needles).join(' '),
  "a needle's beginning": 'refuse',
  'ends of messages': '] REFUSED by libwrap from a:1 ',
  'beginnings of messages': 'refused connect from a@a (',
  'ends of repeats': "' repeated 1 times, suppressed by syslog-ng on a ",
  'journal arrays': '"MESSAGE":[',
  'nested lists': '[[',
  'nested maps': '{"a":',
  'ASL fields': '[Message a] [Level 1',
  'structured data': '[a b="c"]',
  'ends of records': '\x17',
};

/** CPU time of some work, ms: the least of some runs, which others disturb least. */
function cost(work: () => unknown): number {
  const begin = performance.now();
  let least = Infinity;
  for (let runs = 0; runs < 4 && (runs < 2 || performance.now() - begin < 100); runs++) {
    const before = process.threadCpuUsage(); // Other threads compile meanwhile.
    work();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/**
 * @param work for a text of a given length; made before the time is taken
 * @returns what the longest cost, ms
 */
function assertLinear(name: string, size: number, work: (size: number) => () => unknown): number {
  const small = Math.max(cost(work(size / TIMES)), NOTHING / TIMES);
  let large = 0;
  // Half the way first: what is quadratic need not be waited for.
  for (const times of [TIMES / 4, TIMES]) {
    large = cost(work((size * times) / TIMES));
    assert.ok(
      large < NOTHING || large <= MORE * times * small,
      `${name}: ${size} bytes: ${times} / ${TIMES} of them cost ${large.toFixed(1)} ms, and a ${TIMES}th of them ${small.toFixed(2)} ms`,
    );
  }
  return large;
}

const filled = (shape: string, size: number) =>
  shape.repeat(Math.ceil(size / shape.length)).slice(0, size);

const parse = (text: string) => {
  const bytes = Buffer.from(`${text}\n`);
  return () => new Parser().read({ stream: 'log', bytes }, { denial() {} });
};

test('a line of 1 MB of any shape costs no more than its length', (t) => {
  let most = 0;
  for (const [name, shape] of Object.entries(SHAPES)) {
    for (const line of [
      (size: number) => HEADER + filled(shape, size),
      (size: number) => filled(shape, size) + HEADER,
      (size: number) =>
        `{"SYSLOG_IDENTIFIER":"sshd","MESSAGE":${JSON.stringify(`refused ${filled(shape, size)}`)}}`,
      (size: number) => `${HEADER}refused connect from ${filled(shape, size)} (192.0.2.1)`,
    ]) {
      most = Math.max(
        most,
        assertLinear(name, MEGABYTE, (size) => parse(line(size))),
      );
    }
  }
  t.diagnostic(`${most.toFixed(1)} ms for 1 MB at most`);
});

test('a line as long as is read costs no more than its length, for each format and sample', (t) => {
  // 64 KiB of a line are read, 10,000 characters of a message.
  let most = 0;
  const lines = [
    ...new Set([...corpusLines(), ...sampleLines()].map((line) => line.toString('latin1'))),
  ];
  const hostile = Object.entries(SHAPES);
  const PER_LINE = LONG ? hostile.length : 1;
  for (const [n, line] of lines.entries()) {
    // Every line with some shapes, at each of its words: every shape is met by every format.
    for (let k = 0; k < PER_LINE; k++) {
      const [name, shape] = hostile[(n * PER_LINE + k) % hostile.length]!;
      const words = line.split(' ');
      const at = (n + k) % (words.length + 1);
      for (const size of [9_000, 64_000]) {
        const grown = (length: number) =>
          [...words.slice(0, at), filled(shape, length), ...words.slice(at)].join(' ');
        most = Math.max(
          most,
          assertLinear(`${name} in ${line}`, size, (length) => parse(grown(length))),
        );
      }
    }
  }
  t.diagnostic(`${lines.length} lines, ${most.toFixed(1)} ms for 64 kB at most`);
});

test('a block of many short lines costs no more than its length', () => {
  const blank = { needles: 'refused \n', repeats: 'last message repeated 2 times\n', empty: '\n' };
  for (const [name, shape] of Object.entries(blank)) {
    assertLinear(name, MEGABYTE, (size) =>
      parse(`${HEADER}refused connect from a (1.2.3.4)\n${filled(shape, size)}`),
    );
  }
});

test('other input of 1 MB of any shape costs no more than its length', (t) => {
  const now = Date.UTC(2026, 10, 23);
  const inputs: Readonly<Record<string, (text: string) => unknown>> = {
    'records of send': (text) => readRecords(text, '\t'),
    'records of send by ETB': (text) => readRecords(`${text}\x17a${text}b\x17`, '\t'),
    'fields of send': (text) => readRecords(`a\tb\t1${text}\td`, '\t;'),
    'a line cut': (text) => cutLines(Buffer.from(`${text}\n`), null, 65_536),
    'records of the journal': (text) => {
      const block = recordBlocks(() => {})(Buffer.from(`"__CURSOR":"${text}"\n`));
      return block && freshRecords(block, seenEntries());
    },
    'a name': (text) => safe(text),
    'an output': (text) =>
      escapeOutput(
        outputOf({ at: 0, host: 'h', service: 's', state: 2, output: text }, now, limits),
      ),
    'an output as one line': (text) => oneLine(text),
    'an output of lines as one line': (text) => oneLine(`${text}\n${text} \n`),
  };
  let most = 0;
  for (const [what, read] of Object.entries(inputs)) {
    for (const [name, shape] of Object.entries(SHAPES)) {
      const work = (size: number) => {
        const text = filled(shape, size);
        return () => read(text);
      };
      most = Math.max(most, assertLinear(`${what}, ${name}`, MEGABYTE, work));
    }
  }
  t.diagnostic(`${most.toFixed(1)} ms for 1 MB at most`);
});

const hostKeys = (size: number) =>
  Array.from({ length: size / 20 }, (_, n) => `    host${n}: h\n`).join('');

test('a configuration of any shape costs no more than its length', (t) => {
  const file = join(tempDir(t), 'denywatch.yaml');
  const KILOBYTES = MEGABYTE / 20;
  const load = (text: string) => () => {
    writeFileSync(file, text);
    try {
      loadConfig(file);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  };
  const shapes = { ...SHAPES, lines: 'a\n', items: '- a\n', durations: '1s', maps: '{a: b}, ' };
  for (const [name, shape] of Object.entries(shapes)) {
    assertLinear(name, KILOBYTES, (size) =>
      load(`sources: [{ file: x }]\nhost: ${filled(shape, size)}\n`),
    );
  }
  assertLinear('hosts', KILOBYTES, (size) =>
    load(`sources: [{ file: x }]\nhosts:\n  map:\n${hostKeys(size)}`),
  );
});
