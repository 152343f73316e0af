import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { reasonOf, reasonWithPath } from '../../src/text/reason.ts';

/** The error of something that fails. */
function errorOf(fails: () => unknown): Error {
  try {
    fails();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

const missing = errorOf(() => readFileSync('/nonexistent/a'));

test("an error of the system is in plain words, without Node's code, call and quotes", () => {
  assert.equal(reasonOf(missing), 'no such file or directory');
  assert.equal(reasonOf(errorOf(() => readFileSync('/proc'))), 'is a directory');
  assert.equal(reasonOf(spawnSync('/nonexistent/a').error), 'no such file or directory');
});

test('an error that libuv does not know has the words of other programs', () => {
  const errno = -constants.errno.EDQUOT;
  const error = { message: `Unknown system error ${errno}, write`, errno, syscall: 'write' };
  assert.equal(reasonOf(error), 'disk quota exceeded');
});

test("an error that is not the system's keeps its message", () => {
  assert.equal(reasonOf(new Error('no such thing')), 'no such thing');
  assert.equal(reasonOf('a text'), 'a text');
  // Its errno is zlib's.
  const packed = errorOf(() => gunzipSync(Buffer.from('this is not gzip')));
  assert.equal(reasonOf(packed), 'incorrect header check');
});

test('the file is named once', () => {
  assert.equal(reasonWithPath(missing), '/nonexistent/a: no such file or directory');
  assert.equal(reasonWithPath(missing, 'cannot read /nonexistent/a'), 'no such file or directory');
  assert.equal(reasonWithPath(new Error('no such thing')), 'no such thing');
});
