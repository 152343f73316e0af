import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { Parser } from '../../src/parse/parser.ts';

const refusal = (host: string) =>
  `2026-11-22T21:56:43Z ${host} snmpd[4242]: Connection from UDP: [192.0.2.9]:5 REFUSED\n`;
const other = (host: string) => `2026-11-22T21:56:50Z ${host} sshd[17]: Server listening.\n`;
const mention = (host: string) => `2026-11-22T21:56:50Z other sshd[17]: bye ${host} of web\n`;
const again = (host: string) => `2026-11-22T21:57:13Z ${host} last message repeated 3 times\n`;

function counts(...blocks: readonly string[]): string[] {
  const parser = new Parser();
  const found: string[] = [];
  for (const block of blocks) {
    parser.read(
      { stream: 'log', bytes: Buffer.from(block) },
      { denial: ({ host, count }) => found.push(`${host} ${count}`) },
    );
  }
  return found;
}

void test('a repeat is of the last line of its own host, also in another block', () => {
  const lines = [refusal('web1'), other('web2'), mention('web1'), again('web2'), again('web1')];
  assert.deepEqual(counts(lines.join('')), ['web1 1', 'web1 3']);
  assert.deepEqual(counts(...lines), ['web1 1', 'web1 3']);
});

void test('a repeat does not count if its host has logged anything else since', () => {
  const lines = [refusal('web1'), other('web1'), again('web1')];
  assert.deepEqual(counts(lines.join('')), ['web1 1']);
  assert.deepEqual(counts(...lines), ['web1 1']);
});

void test('a repeat that names no host is of the line before it', () => {
  const bare = '2026-11-22T21:57:13Z --- last message repeated 2 times ---\n';
  assert.deepEqual(counts(refusal('web1') + bare), ['web1 1', 'web1 2']);
  assert.deepEqual(counts(refusal('web1') + other('web2') + bare), ['web1 1']);
});

void test('a host that says nothing more for a megabyte is forgotten', () => {
  const much = other('web2').repeat(20_000);
  assert.deepEqual(counts(refusal('web1') + much, again('web1')), ['web1 1']);
});

void test('repeats in a log of several hosts count as a simple reader has them, in any blocks', () => {
  const host = fc.constantFrom('a', 'b', 'web', 'web1');
  const line = fc.oneof(
    host.map((name) => ({ name, kind: 'refusal' as const })),
    host.map((name) => ({ name, kind: 'other' as const })),
    host.map((name) => ({ name, kind: 'mention' as const })),
    host.map((name) => ({ name, kind: 'again' as const })),
  );
  const texts = { refusal, other, mention, again };
  fc.assert(
    fc.property(fc.array(fc.array(line, { maxLength: 6 }), { maxLength: 5 }), (blocks) => {
      const last = new Map<string, string>();
      const expected: string[] = [];
      for (const { name, kind } of blocks.flat()) {
        if (kind === 'refusal') expected.push(`${name} 1`);
        if (kind === 'again' && last.get(name) === 'refusal') expected.push(`${name} 3`);
        else last.set(kind === 'mention' ? 'other' : name, kind);
      }
      const text = blocks.map((each) => each.map(({ name, kind }) => texts[kind](name)).join(''));
      assert.deepEqual(counts(...text), expected);
      assert.deepEqual(counts(text.join('')), expected);
    }),
    { numRuns: 300 },
  );
});
