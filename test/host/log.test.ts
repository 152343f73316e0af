import assert from 'node:assert/strict';
import test from 'node:test';
import { formatEntry } from '../../src/host/log.ts';

test('an event is one line for a person: message, cause, fields', () => {
  const line = formatEntry(
    {
      level: 40,
      time: 1,
      msg: 'cannot read',
      err: { message: 'EACCES' },
      file: '/var/log/a b',
      n: 3,
    },
    false,
  );
  assert.equal(line, 'warning: cannot read: EACCES file="/var/log/a b" n=3\n');
});

test('under systemd the line begins with its priority', () => {
  assert.equal(formatEntry({ level: 30, msg: 'reading' }, true), '<6>reading\n');
  assert.equal(formatEntry({ level: 50, msg: 'no' }, true), '<3>no\n');
});

test('nothing in an event can begin a line of its own or move the cursor', () => {
  const line = formatEntry(
    { level: 30, msg: 'from \u001b[2J\r\nforged', client: 'a\u202eb\u009b' },
    false,
  );
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u0080-\u009f\u202e]/);
  assert.match(line, /^from \?\[2J\?\?forged/);
});
