/** What the documents name is there: files, scripts, verbs, options, keys, and names of the source. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { VERBS } from '../src/cli/verbs.ts';

const ROOT = join(import.meta.dirname, '..');
const PATHS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('docs/*.md', { cwd: ROOT }),
];
const DOCUMENTS = PATHS.map((path) => ({ path, text: read(path) }));
const SOURCES = globSync(['{src,test,packaging}/**/*.{ts,cjs,wat}'], { cwd: ROOT });

/** Each match of the pattern in a document, with the document's path. */
function named(pattern: RegExp): { path: string; groups: string[] }[] {
  return DOCUMENTS.flatMap(({ path, text }) =>
    Array.from(text.matchAll(pattern), ([, ...groups]) => ({ path, groups })),
  );
}

test('each link in the documents leads to a file and a heading', () => {
  for (const { path, groups } of named(/\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)/g)) {
    const [file = '', anchor] = groups;
    const target = file === '' ? path : join(dirname(path), file);
    assert.ok(existsSync(join(ROOT, target)), `${path}: ${target}`);
    if (anchor === undefined) continue;
    const headings = Array.from(read(target).matchAll(/^#+ (.*)$/gm), ([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    assert.ok(headings.includes(anchor.slice(1)), `${path}: ${target}${anchor}`);
  }
});

test('each file of the source that the documents name is there', () => {
  const files = named(
    /(?<![\w/.-])((?:src|test|docs|etc|man|packaging|systemd)\/[\w*{}<>/.-]*\w)/g,
  );
  assert.ok(files.length > 50);
  for (const { path, groups } of files) {
    const [file = ''] = groups;
    if (/NAME|<|\.d$/.test(file)) continue;
    assert.ok(globSync(file, { cwd: ROOT }).length > 0, `${path}: ${file}`);
  }
  const names = new Set(SOURCES.map((source) => basename(source)));
  for (const { path, groups } of named(/`([\w-]+\.(?:ts|cjs|wat))`/g))
    assert.ok(names.has(groups[0]!) || groups[0] === 'kind.ts', `${path}: ${groups[0]}`);
});

test('each script of npm that the documents name is there', () => {
  const scripts = new Set<string>(Object.keys(packageJson.scripts));
  for (const { path, groups } of named(/\bnpm run ([\w-]+)/g))
    assert.ok(scripts.has(groups[0]!), `${path}: npm run ${groups[0]}`);
});

test('each verb and option that the documents show is there', async () => {
  const code = [
    ...named(/^```(?:sh|console)[^\n]*\n([^]*?)^```/gm),
    ...named(/`(denywatch [^`]*)`/g),
  ];
  const commands = code.flatMap(({ path, groups: [text = ''] }) =>
    Array.from(
      text.matchAll(/\b(?:denywatch|src\/cli\.ts) +(?!help)([a-z]+)(.*)/g),
      ([, verb = '', rest = '']) => ({
        path,
        verb,
        options: Array.from(rest.matchAll(/(?<= )--([a-z-]+)/g), ([, option = '']) => option),
      }),
    ),
  );
  assert.ok(commands.length > 50);
  for (const { path, verb, options } of commands) {
    assert.ok(verb in VERBS, `${path}: denywatch ${verb}`);
    const { OPTIONS } = await VERBS[verb]!.load();
    for (const option of options)
      assert.ok(option in OPTIONS, `${path}: denywatch ${verb} --${option}`);
  }
});

test('each key of the configuration that the documents name is there', () => {
  const tags = read('man/denywatch.yaml.5').matchAll(/^\.It Va (.*)/gm);
  const keys = Array.from(tags, ([, line = '']) => line.split(' , '))
    .flat()
    .map((tag) => tag.split(' ')[0]!);
  const sections = new Set(
    keys.filter((key) => /^[a-z]+\./.test(key)).map((key) => key.split('.')[0]!),
  );
  const dotted = named(/`([a-z]+(?:\.[a-zA-Z]+)+)(?:: [^`]*)?`/g);
  const found = dotted.filter(({ groups }) => sections.has(groups[0]!.split('.')[0]!));
  assert.ok(found.length > 10);
  for (const { path, groups } of found)
    assert.ok(keys.includes(groups[0]!), `${path}: ${groups[0]}`);
});

test('each message that the README explains is in docs/messages.md', () => {
  const list = read('docs/messages.md');
  const [, table = ''] = /^## When something is wrong\n([^]*?)^## /m.exec(read('README.md')) ?? [];
  const first = Array.from(table.matchAll(/^\| (.*?) \| /gm), ([, cell = '']) => cell).join(' ');
  const quoted = Array.from(first.matchAll(/`([^`]*)`/g), ([, message = '']) => message);
  assert.ok(quoted.length > 5);
  for (const message of quoted)
    for (const part of message.split('…')) assert.ok(list.includes(part.trim()), message);
});

test('each name that docs/architecture.md takes from the source is there', () => {
  const source = SOURCES.map(read).join('\n');
  for (const [, name = ''] of read('docs/architecture.md').matchAll(/`([\w.]+)(?:\(\))?`/g))
    assert.match(source, new RegExp(`\\b${name.split('.').at(-1)}\\b`), name);
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
