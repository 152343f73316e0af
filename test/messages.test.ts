import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { sentencesOf } from './support/messages.ts';

const ROOT = join(import.meta.dirname, '..');
const LIST = readFileSync(join(ROOT, 'docs/messages.md'), 'utf8');

/** Sources whose sentences are no messages: screens, help, formats of others' log lines. */
const SCREENS = [
  'cli.ts',
  'cli/verbs.ts',
  'cli/explain/summary.ts',
  'cli/init/converse.ts',
  'cli/init/dialogue.ts',
  'survey/first-run.ts',
  'cli/report*.ts',
  'cli/status/page.ts',
  'demo.ts',
  'result/alert-text.ts',
  'agent/metrics.ts',
  'monitor/nrdp/form.ts',
  'parse/format.ts',
  'parse/formats/**',
  'report/**',
  'verify/words.ts',
];

/** The rows of the list: a message, what it means, what to do. */
const rows = [...LIST.matchAll(/^\| `(.+?)` \|(.*)\|(.*)\|$/gm)].map(
  ([, message = '', , next = '']) => ({
    message,
    next: next.trim(),
  }),
);
const others = [...LIST.matchAll(/^- `(.+)`$/gm)].map(([, text = '']) => text);

function said(): Set<string> {
  const screens = new Set(globSync(SCREENS, { cwd: join(ROOT, 'src') }));
  const files = globSync('**/*.ts', { cwd: join(ROOT, 'src') }).filter(
    (file) => !screens.has(file),
  );
  return new Set(
    files.flatMap((file) => sentencesOf(readFileSync(join(ROOT, 'src', file), 'utf8'))),
  );
}

test('every message of the source is in docs/messages.md, and every one there is in the source', () => {
  const listed = [...rows.map(({ message }) => message), ...others];
  const all = said();
  assert.deepEqual(
    [...all].filter((text) => !listed.includes(text)),
    [],
    'not in the list',
  );
  assert.deepEqual(
    listed.filter((text) => !all.has(text)),
    [],
    'said no more',
  );
  assert.deepEqual(
    listed.filter((text, i) => listed.indexOf(text) !== i),
    [],
    'twice',
  );
});

test('for every message the list says what to do', () => {
  assert.ok(rows.length > 100);
  assert.deepEqual(
    rows.filter(({ next }) => next === ''),
    [],
  );
});

test('sentences are found wherever they are in a source', () => {
  const source = `
    // a comment with 'one two three'
    const pattern = /'one two three/;
    fail(\`\${where} does not answer in \${time / 1000} s; \${a ? \`it is \${b}\` : 'it was so'}\`);
    say('one ' + \`two \${x} three \` +
      "and four");
    sql("SELECT this FROM that WHERE so"); word('two words');
  `;
  assert.deepEqual(sentencesOf(source), [
    'it was so',
    '… does not answer in … s; …',
    'one two … three and four',
  ]);
});
