import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readMaxStartups, remarkOnMaxStartups } from '../../src/survey/sshd.ts';
import { tempDir } from '../support/temp.ts';

test('what sshd -T says counts, or else the first value in its configuration', (t) => {
  const dir = tempDir(t);
  const [sshd, config, more] = ['sshd', 'sshd_config', 'more.d'].map((name) => join(dir, name));
  mkdirSync(more!);
  writeFileSync(config!, `# MaxStartups 1\nInclude ${more}/*.conf\nMaxStartups 20:30:60\n`);
  assert.equal(readMaxStartups(sshd, config), null);
  writeFileSync(sshd!, '#!/bin/sh\nexit 1\n');
  chmodSync(sshd!, 0o755);
  assert.equal(readMaxStartups(sshd, config), '20:30:60');
  writeFileSync(join(more!, 'first.conf'), 'maxstartups = 5\n');
  assert.equal(readMaxStartups(sshd, config), '5');
  assert.equal(readMaxStartups(sshd, join(dir, 'none')), '10:30:100');
  writeFileSync(sshd!, '#!/bin/sh\necho port 22\necho maxstartups 100:30:500\n');
  assert.equal(readMaxStartups(sshd, config), '100:30:500');
});

test('only the default is worth a remark, which says what to set', () => {
  assert.equal(remarkOnMaxStartups(null), null);
  assert.equal(remarkOnMaxStartups('100:30:500'), null);
  assert.match(remarkOnMaxStartups('10:30:100') ?? '', /set MaxStartups 100:30:500 and PerSource/);
});
