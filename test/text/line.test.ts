import assert from 'node:assert/strict';
import test from 'node:test';
import { joinLines, line } from '../../src/text/line.ts';

test('every name in a line is made safe, and lines in lines are not cleaned again', () => {
  const client = line`from ${'a;b\u001b[2J'} (×${3})`;
  assert.equal(client.line, 'from a_b_[2J (×3)');
  assert.equal(line`Denied ${null}: ${client}`.line, 'Denied unknown: from a_b_[2J (×3)');
  assert.equal(joinLines([client, line`b`], ', ').line, 'from a_b_[2J (×3), b');
});
