import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { readRecords } from '../../src/cli/send/records.ts';
import { commandOf, escapeOutput, outputOf, reasonAgainst } from '../../src/monitor/command.ts';
import { oneLine } from '../../src/monitor/nsca/encode.ts';
import { SendNscaConfigError } from '../../src/monitor/client-config.ts';
import { readSendNscaConfig } from '../../src/monitor/nsca/send-nsca-config.ts';
import type { CheckResult } from '../../src/result/check-result.ts';
import { tempDir } from '../support/temp.ts';
import { campaign, LONG } from './campaign.ts';
import { HOSTILE, mutator, ROOM } from './mutate.ts';
import { nscaProtocol } from '../../src/monitor/nsca/protocol.ts';

const { limits } = nscaProtocol({ outputSize: 4096 });

const INPUTS = [
  'gw\tTCP Wrappers\t2\tDenied sshd-192.0.2.1\n',
  'gw\tTCP Wrappers\t2\tDenied sshd-192.0.2.1\ngw\tother\t0\tfine | x=1;2;3;4;5\n',
  'gw\t0\tup\n',
  'gw\tsvc\t2\tfirst line\nsecond line\x17gw\tsvc\t0\tok\x17\n',
  'gw;svc;3;what\\nis it\r\n',
].map((line) => Buffer.from(line));

const space = Buffer.alloc(ROOM);
const DELIMITERS = ['\t', ';', '0x3b', '', ' \t', ']', '^-', '\\', '0x17', '[', '\n', 'é'];
// oxlint-disable-next-line no-control-regex
const NO_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** What a result becomes on its way into Nagios: one command of one line, with its own fields. */
function assertCommand(result: CheckResult, now: number, limit: number): void {
  if (reasonAgainst(result, limits) !== null) return;
  const output = outputOf(result, now, { ...limits, output: limit });
  assert.doesNotMatch(output, NO_TEXT);
  assert.ok(Buffer.byteLength(escapeOutput(output)) <= limit);
  const command = commandOf(result, escapeOutput(output), now);
  assert.ok(!command.includes('\n'));
  assert.ok(Buffer.byteLength(command) < 4096);
  const fields = command.slice(command.indexOf(';') + 1).split(';');
  assert.equal(fields[0], result.host);
  assert.equal(fields[1], result.service === '' ? String(result.state) : result.service);
}

test('whatever comes on stdin of send, it is results for one command each, or refused', async (t) => {
  const mutate = mutator(INPUTS);
  await campaign(t, {
    share: 0.1,
    round: 64,
    play: (random) => {
      for (let n = 0; n < 64; n++) {
        const input = space.toString('utf8', 0, mutate(random, space, 0));
        const delimiter = random(3) === 0 ? DELIMITERS[random(DELIMITERS.length)]! : '\t';
        for (const record of readRecords(input, delimiter)) {
          assert.ok(record.length === 0 || record.length === 4);
          const [host = '', service = '', , output = ''] = record;
          const state = random(4) as 0 | 1 | 2 | 3;
          const late = random(2) * 600_000;
          const now = Date.UTC(2026, 10, 23);
          assertCommand(
            { at: now - late, host, service, state, output },
            now,
            [4095, 511][random(2)]!,
          );
        }
      }
    },
  });
});

test('any texts as arguments of send make one command each, or are refused', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 140 }),
    fc.constantFrom(...HOSTILE.map(String)),
    fc
      .array(fc.constantFrom(...HOSTILE.map(String)), { maxLength: 400 })
      .map((all) => all.join('')),
  );
  const result = fc.record({
    at: fc.integer({ min: -8.64e15, max: 8.64e15 }),
    host: word,
    service: word,
    state: fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
    output: word,
  });
  fc.assert(
    fc.property(result, fc.constantFrom(4095, 511), (one, limit) =>
      assertCommand(one, Date.UTC(2026, 10, 23), limit),
    ),
    { numRuns: LONG ? 10_000 : 400 },
  );
});

test('lines become one as by the expression that would be quadratic', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '\r', 'é'), maxLength: 12 });
  fc.assert(
    fc.property(text, (lines) => assert.equal(oneLine(lines), lines.replace(/\s*\n\s*/g, ' '))),
    { numRuns: 2000 },
  );
});

test('whatever is in a send_nsca.cfg, it is read or refused with its line', async (t) => {
  const file = join(tempDir(t), 'send_nsca.cfg');
  const mutate = mutator(
    [
      'password=secret\n',
      '# comment\n\npassword=a=b c\nencryption_method=14\n',
      'encryption_method=3\n',
    ].map((text) => Buffer.from(text)),
  );
  await campaign(t, {
    share: 0.02,
    round: 16,
    play: (random) => {
      for (let n = 0; n < 16; n++) {
        writeFileSync(file, space.subarray(0, mutate(random, space, 0)));
        try {
          const { method, password } = readSendNscaConfig(file);
          assert.ok(Number.isInteger(method) && Buffer.isBuffer(password));
        } catch (error) {
          assert.ok(error instanceof SendNscaConfigError, String(error));
          assert.match(error.message, /line \d+: /);
        }
      }
    },
  });
});
