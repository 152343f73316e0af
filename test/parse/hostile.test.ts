import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { FORMATS } from '../../src/parse/formats.ts';
import { Parser, readLine } from '../../src/parse/parser.ts';
import { datingBy } from '../../src/parse/time.ts';

const NOW = Date.UTC(2026, 10, 23);
const corpus = readFileSync(new URL('corpus.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('\t') && !line.startsWith('#'));

void test('no bytes whatever make the parser throw', () => {
  const parser = new Parser({ dating: () => datingBy(NOW) });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      parser.read({ stream: 'log', bytes: Buffer.from(bytes) }, { denial() {} });
    }),
  );
});

void test('no change of a real line makes the parser throw, or gives a denial with odd fields', () => {
  const parser = new Parser({ dating: () => datingBy(NOW) });
  const change = fc.record({
    line: fc.constantFrom(...corpus),
    at: fc.nat(400),
    remove: fc.nat(20),
    insert: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(...corpus),
      fc.constantFrom(' ', '@', ')', '(', ']', ':', '"', '\\', '\r', '\0', '{', '[', '\u2028', '-'),
    ),
  });
  fc.assert(
    fc.property(change, ({ line, at, remove, insert }) => {
      const text = line.slice(0, at) + insert + line.slice(at + remove);
      parser.read(
        { stream: 'log', bytes: Buffer.from(`${text}\n`) },
        {
          denial(denial) {
            assert.ok(Number.isSafeInteger(denial.at) && Number.isSafeInteger(denial.count));
            assert.ok(denial.daemon !== '' && denial.client !== '' && denial.user !== '');
            assert.ok(!/[ \t-\r]/.test(denial.client ?? ''));
            assert.ok(denial.pid === null || Number.isSafeInteger(denial.pid));
          },
        },
      );
    }),
    { numRuns: 400 },
  );
});

void test('an ident user, whatever it is, is not taken for the client', () => {
  const user = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 127 })
    .filter((text) => !/[ \t-\r]/.test(text) && text.isWellFormed());
  fc.assert(
    fc.property(user, (name) => {
      const line = `Nov 22 21:56:43 gw sshd[7]: refused connect from ${name}@192.0.2.9 (192.0.2.9)`;
      const denial = readLine(line, datingBy(NOW))?.denial;
      assert.deepEqual(
        [denial?.user, denial?.client, denial?.address],
        [name, '192.0.2.9', '192.0.2.9'],
      );
    }),
  );
});

void test('an SSH user name, whatever it is, does not make a denial', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(...corpus),
    fc.constantFrom(...corpus).map((line) => line.slice(line.indexOf(': ') + 2)),
  );
  fc.assert(
    fc.property(name, (user) => {
      const text = user.replaceAll('\n', ' ');
      for (const message of [
        `Invalid user ${text} from 192.0.2.9 port 4`,
        `Failed password for invalid user ${text} from 192.0.2.9 port 4 ssh2`,
        `Connection closed by invalid user ${text} 192.0.2.9 port 4 [preauth]`,
      ]) {
        assert.equal(
          readLine(`Nov 22 21:56:43 gw sshd[7]: ${message}`, datingBy(NOW)),
          null,
          message,
        );
      }
    }),
  );
});

void test('every group of a pattern that captures has a name, by which it is numbered', () => {
  for (const { name, pattern } of FORMATS) {
    const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec('')!;
    assert.equal(groups.length - 1, Object.keys(groups.groups ?? {}).length, name);
  }
});

void test('no pattern has a quantifier in a repeated group: time is linear in the length', () => {
  for (const { name, pattern } of FORMATS) {
    assert.ok(pattern.source.startsWith('^') && pattern.source.endsWith('$'), name);
    assert.equal(nested(pattern.source), false, `${name}: ${pattern.source}`);
  }
  assert.equal(nested('(?:a+b)*c'), true);
  assert.equal(nested('(?:a[)+]b){2,}'), false);
});

/** Whether a group that holds `*`, `+` or `{n,}` is itself repeated by one of them. */
function nested(source: string): boolean {
  const plain = source.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  const unbounded = /[*+]|\{\d+,\}/;
  for (let text = plain; ;) {
    const group = /\((?:\?[:=!]|\?<\w+>)?([^()]*)\)([*+]|\{\d+,\})?/.exec(text);
    if (group === null) return false;
    const holds = unbounded.test(group[1]!);
    if (holds && group[2] !== undefined) return true;
    text = text.replace(group[0], holds ? 'x+' : 'x');
  }
}
