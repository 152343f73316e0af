import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { DOCUMENTS, installedPath } from '../../src/host/documents.ts';
import { sentencesOf } from '../support/messages.ts';

const ROOT = new URL('../../', import.meta.url);

test('each document is in the checkout, and an example is installed with the examples', () => {
  for (const path of Object.values(DOCUMENTS)) assert.ok(existsSync(new URL(path, ROOT)), path);
  assert.equal(
    installedPath('etc/nagios/tcp-wrappers.cfg'),
    '/usr/share/doc/denywatch/examples/nagios/tcp-wrappers.cfg',
  );
  assert.equal(installedPath('docs/messages.md'), '/usr/share/doc/denywatch/docs/messages.md');
});

// src/demo.ts runs in a checkout only.
test('no message names a file that only a checkout has', () => {
  for (const path of globSync('src/*/**/*.ts', { cwd: ROOT }))
    for (const sentence of sentencesOf(readFileSync(new URL(path, ROOT), 'utf8')))
      assert.doesNotMatch(
        sentence,
        /(?<![\w/.])(?:(?:docs|etc|man|packaging|systemd|src)\/\w|[A-Z]+\.md)/,
        path,
      );
});
