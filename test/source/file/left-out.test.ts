import assert from 'node:assert/strict';
import test from 'node:test';
import { LeftOutFiles } from '../../../src/source/file/left-out.ts';

const STAMP = { ino: 1, size: 2, mtime: 3 };

test('of files that are no logs nothing is kept when they are gone, whatever their names', () => {
  const files = new LeftOutFiles();
  for (let day = 1; day <= 400; day++) {
    files.set(`/logs/web.log-${day}`, STAMP);
    files.set('/other/web.log.1', null);
    if (day % 2 === 0) files.delete(`/logs/web.log-${day}`);
    else files.keep('/logs', [{ path: `/logs/web.log-${day}`, why: 'rotated from web.log' }]);
    assert.ok(files.size <= 3, `${files.size}`);
  }
  assert.equal(files.get('/other/web.log.1'), null);
  assert.equal(files.get('/logs/web.log-1'), undefined);
  files.keep('/other', []);
  files.keep('/logs', []);
  assert.equal(files.size, 0);
});
