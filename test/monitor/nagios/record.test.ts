import assert from 'node:assert/strict';
import test from 'node:test';
import { keyOf, keysIn, recordOf } from '../../../src/monitor/nagios/record.ts';
import { critical } from '../../delivery/memory-outbox.ts';

/** 2026-11-22T21:15:00.007Z */
const AT = 1_795_382_100_007;

function record(output: string, service = 'TCP Wrappers'): string {
  const result = { ...critical(output), at: AT, service };
  return recordOf(result, output).replace(/^# denywatch result [0-9a-f]{32}\n/, '');
}

test('a record is lines of names and values, with an empty line behind it', () => {
  assert.equal(
    record('Denied sshd-203.0.113.7'),
    `host_name=firestorm
service_description=TCP Wrappers
check_type=1
scheduled_check=0
reschedule_check=0
latency=0
start_time=1795382100.007000
finish_time=1795382100.007000
early_timeout=0
exited_ok=1
return_code=2
output=Denied sshd-203.0.113.7

`,
  );
});

test('a result of a host names no service', () => {
  assert.doesNotMatch(record('down', ''), /service_description/);
});

test('an output is one line that Nagios reads as it was meant', () => {
  const lines: [string, string][] = [
    ['two\nlines', 'two\\nlines'],
    ['C:\\new', 'C:\\\\new'],
    // Nagios drops a result without an output, and joins a line that ends in a backslash to the next.
    ['', ' '],
    ['end\\', 'end\\\\ '],
  ];
  for (const [output, line] of lines) {
    assert.equal(/^output=(.*)$/m.exec(record(output))?.[1], line, output);
  }
});

test('the results of a file are recognised, and an output that looks like a mark is none', () => {
  const results = [
    critical('one'),
    critical('x\n# denywatch result 0'),
    { ...critical('one'), at: 1 },
  ];
  const text = results.map((result) => recordOf(result, result.output)).join('');
  assert.deepEqual(keysIn(text), results.map(keyOf));
  assert.equal(new Set(results.map(keyOf)).size, 3);
});
