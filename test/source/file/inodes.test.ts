import assert from 'node:assert/strict';
import test from 'node:test';
import { Inodes } from '../../../src/source/file/inodes.ts';

test('of files that a log has forgotten nothing is kept, however often it is rotated', () => {
  const inodes = new Inodes();
  for (let n = 3; n < 500; n++) {
    inodes.note('/logs/a', [{ ino: `${n - 2}` }, { ino: `${n - 1}` }, { ino: `${n}` }]);
    assert.equal(inodes.size, 3);
  }
  assert.equal(inodes.logOf('498'), '/logs/a');
  assert.equal(inodes.logOf('3'), undefined);
});

test('a file that another log has read meanwhile is the file of that log', () => {
  const inodes = new Inodes();
  inodes.note('/logs/a', [{ ino: '1' }]);
  inodes.note('/logs/b', [{ ino: '1' }]);
  inodes.note('/logs/a', [{ ino: '2' }]);
  assert.equal(inodes.logOf('1'), '/logs/b');
  inodes.note('/logs/b', [{ ino: '3' }]);
  inodes.note('/logs/a', [{ ino: '2' }, { ino: '1' }]);
  assert.equal(inodes.logOf('1'), '/logs/a');
});

test('the files of logs that are gone are known for a while, and of any number of them some', () => {
  const inodes = new Inodes();
  for (let n = 0; n < 30_000; n++) {
    inodes.note(`/logs/${n}`, [{ ino: `${n}` }]);
    inodes.gone(`/logs/${n}`);
  }
  assert.equal(inodes.size, 10_000);
  assert.equal(inodes.logOf('29999'), '/logs/29999');
  // One that came back is no longer among those that are gone.
  inodes.note('/logs/20000', [{ ino: '20000' }]);
  for (let n = 30_000; n < 50_000; n++) {
    inodes.note(`/logs/${n}`, [{ ino: `${n}` }]);
    inodes.gone(`/logs/${n}`);
  }
  assert.equal(inodes.logOf('20000'), '/logs/20000');
});
