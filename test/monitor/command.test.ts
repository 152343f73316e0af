import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { commandOf, escapeOutput, outputOf, reasonAgainst } from '../../src/monitor/command.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { nscaProtocol } from '../../src/monitor/nsca/protocol.ts';

const { limits } = nscaProtocol({ outputSize: 4096 });

const AT = Date.parse('2026-11-22T21:15:00.750Z');

function outputAt(output: string, now: number, limit = 4095): string {
  return outputOf({ ...critical(output), at: AT }, now, { ...limits, output: limit });
}

void test('a result that is sent late says when it happened', () => {
  assert.equal(outputAt('Denied sshd-a', AT + 60_000), 'Denied sshd-a');
  assert.equal(outputAt('Denied sshd-a', AT + 60_001), 'Denied sshd-a at 2026-11-22T21:15:00Z');
});

void test('a long output is cut, its time is not', () => {
  const output = outputAt('x'.repeat(600), AT + 3_600_000, 511);
  assert.match(output, /^x{484}… at 2026-11-22T21:15:00Z$/);
  assert.equal(Buffer.byteLength(output), 511);
});

void test('any output fits: the limit, the command line, and whole characters', () => {
  // Long ones are short ones many times over: fast-check takes seconds for thousands of characters.
  const hard = fc.array(fc.constantFrom('\\', '\n', 'ä', '\u{1F600}', 'a'), { maxLength: 30 });
  const parts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    hard.map((some) => some.join('')),
  );
  const outputs = fc.tuple(parts, fc.nat(100)).map(([part, times]) => part.repeat(times));
  fc.assert(
    fc.property(outputs, fc.constantFrom(511, 4095), fc.boolean(), (output, limit, late) => {
      const result = { ...critical(output), at: AT };
      const now = late ? AT + 100_000 : AT;
      const fitted = outputOf(result, now, { ...limits, output: limit });
      const escaped = escapeOutput(fitted);
      assert.ok(Buffer.byteLength(escaped) <= limit);
      assert.ok(Buffer.byteLength(commandOf(result, escaped, now)) < 4096);
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(fitted, /[\u0000-\u0008\u000b-\u001f\u007f]/);
      assert.doesNotMatch(escaped, /\n/);
      if (fitted.isWellFormed()) assert.equal(Buffer.from(fitted).toString(), fitted);
      else assert.ok(!output.isWellFormed());
    }),
    { numRuns: 100 },
  );
});

void test('names that Nagios would misread are refused with a reason', () => {
  const reasons = [
    { host: '' },
    { host: 'a;b' },
    { host: 'a\nb' },
    { service: 'a;b' },
    { service: 'a\tb' },
    { host: 'h'.repeat(64) },
    { host: 'ä'.repeat(32) },
    { service: 's'.repeat(128) },
  ].map((names) => reasonAgainst({ ...critical(''), ...names }, limits));
  assert.deepEqual(reasons, [
    'the host name is empty',
    'the host name has a semicolon or a control character',
    'the host name has a semicolon or a control character',
    'the service has a semicolon or a control character',
    'the service has a semicolon or a control character',
    'the host name is longer than 63 bytes',
    'the host name is longer than 63 bytes',
    'the service is longer than 127 bytes',
  ]);
  assert.equal(reasonAgainst({ ...critical(''), host: 'h'.repeat(63), service: '' }, limits), null);
});
