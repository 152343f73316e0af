/** The manual: well-formed, and complete. What it must describe is read from the code. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { LineCounter, parseDocument, stringify } from 'yaml';
import { VERBS } from '../src/cli/verbs.ts';
import { MONITOR_KEYS } from '../src/monitor/kinds.ts';
import { Checker, type Value } from '../src/config/checker.ts';
import { readConfig } from '../src/agent/config.ts';
import { needs } from './support/packages.ts';

const COMMAND = page('denywatch.8');
const CONFIGURATION = page('denywatch.yaml.5');
/** Options that the page describes once for all verbs. */
const COMMON = new Set(['config', 'help']);

void test('the manual pages are well-formed', needs('mandoc'), () => {
  for (const { path } of [COMMAND, CONFIGURATION]) {
    const { stdout } = spawnSync('mandoc', ['-Tlint', path], { encoding: 'utf8' });
    // Which other pages are there is the machine's affair.
    const remarks = stdout.split('\n').filter((line) => !line.includes('manual not found'));
    assert.equal(remarks.join('\n'), '');
  }
});

void test('denywatch(8) and --help describe each verb and each of its options', async () => {
  const sections = COMMAND.text.split(/^\.S[hs] /m);
  for (const { verb, help, options } of await verbs()) {
    const section = sections.find((one) => one.startsWith(`${verb}\n`));
    assert.ok(section, `denywatch.8 has no section on ${verb}`);
    for (const [name, { short }] of Object.entries(options)) {
      const where = COMMON.has(name) ? COMMAND.text : section;
      assert.match(where, new RegExp(`^\\.It .*Fl -${name}\\b`, 'm'), `denywatch.8: ${verb}`);
      const inHelp = new RegExp(`--${name}\\b${short === undefined ? '' : `|-${short}\\b`}`);
      if (name !== 'help') assert.match(help, inHelp, `${verb} --help`);
    }
  }
});

void test('denywatch(8) explains messages that are in docs/messages.md', () => {
  const list = readFileSync(new URL('../docs/messages.md', import.meta.url), 'utf8');
  const messages = Array.from(COMMAND.text.matchAll(/^\.It "(.*)"$/gm), ([, text = '']) => text);
  assert.ok(messages.length > 0);
  for (const message of messages) {
    for (const part of message.split('...')) assert.ok(list.includes(part.trim()), message);
  }
});

void test('denywatch.yaml(5) describes each key', () => {
  const lines = CONFIGURATION.text.matchAll(/^\.It Va (.*)/gm);
  const tags = Array.from(lines, ([, line = '']) => line.split(' , ')).flat();
  const described = new Set(tags.map((tag) => tag.split(' ')[0]));
  assert.deepEqual(described.symmetricDifference(keys()), new Set());
});

void test('each example in denywatch.yaml(5) is a configuration without a mistake', () => {
  const blocks = Array.from(CONFIGURATION.text.matchAll(/^\.Bd -literal.*\n([^]*?)^\.Ed/gm), (m) =>
    m[1]!.replaceAll(String.raw`\(aq`, "'"),
  );
  assertRight(blocks.filter((block) => !block.startsWith('[Service]')));
});

void test('each example in the README is a configuration without a mistake', () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  assertRight(Array.from(text.matchAll(/^```yaml\n([^]*?)^```/gm), ([, block = '']) => block));
});

/** Only what they name need not be there. */
function assertRight(examples: readonly string[]): void {
  assert.ok(examples.length > 3);
  for (const example of examples) {
    const whole = example.includes('sources:') ? example : `${example}sources: { file: x }\n`;
    const { problems } = read(whole, Checker);
    const mistakes = problems.filter(({ message }) => !/there is no file|can't read/.test(message));
    assert.deepEqual(mistakes, [], example);
  }
}

function page(name: string) {
  const path = new URL(`../man/${name}`, import.meta.url).pathname;
  return { path, text: readFileSync(path, 'utf8') };
}

/** Each verb with its help and its options. */
async function verbs() {
  const modules = Object.entries(VERBS).map(async ([verb, { load }]) => {
    const { help, OPTIONS: options } = await load();
    return { verb, help, options };
  });
  const found = await Promise.all(modules);
  assert.ok(found.length > 0);
  return found;
}

/**
 * Each key of the configuration, as `fold.scan.daemons` or `sources[].file`: what the schema asks
 * the checker for, when each key that it knows is given an empty map in turn.
 */
function keys(): Set<string> {
  const known = new Set<string>();
  const ask = (path: readonly string[]) => {
    const document = path.reduceRight<object>((inner, key) => ({ [key]: inner }), {});
    for (const key of asked(document)) {
      if (known.has(key)) continue;
      known.add(key);
      ask(key.split('.'));
    }
  };
  ask([]);
  // Whether a monitor is of this kind shows in its key alone.
  for (const kind of MONITOR_KEYS) ask(['monitors', kind]);
  return new Set([...known].map((key) => key.replace(/^(sources|monitors|rules)\./, '$1[].')));
}

/** The keys that the schema knows in the maps of a document. */
function asked(document: object): string[] {
  const found: string[] = [];
  class Listening extends Checker {
    override fields(at: Value, known: readonly string[]) {
      const map = at.key.replaceAll(/\.\d+/g, '');
      found.push(...known.map((key) => (map === '' ? key : `${map}.${key}`)));
      return super.fields(at, known);
    }
  }
  read(stringify(document), Listening);
  return found;
}

const nothing = () => {};
const NOBODY_LISTENS = {
  warn: nothing,
  reads: nothing,
  holdsSecret: nothing,
  skipsCredential: nothing,
};

/** Reads a configuration, through a checker of this kind. */
function read(text: string, kind: typeof Checker): Checker {
  const lines = new LineCounter();
  const checker = new kind(parseDocument(text, { lineCounter: lines }), lines);
  const env = { CREDENTIALS_DIRECTORY: '/nowhere' };
  readConfig(checker, { directory: '/nowhere', env, credentials: true, ...NOBODY_LISTENS });
  return checker;
}
