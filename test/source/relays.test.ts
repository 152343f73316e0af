import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadConfig } from '../../src/agent/config.ts';
import { relaysOf } from '../../src/source/kinds.ts';
import { tempDir } from '../support/temp.ts';

void test('relays belong to the streams of their source', (t) => {
  const path = join(tempDir(t), 'denywatch.yaml');
  writeFileSync(
    path,
    `
sources:
  - { file: /var/log/remote/*.log, relays: [gw*, relay.example.org] }
  - { file: /var/log/auth.log }
  - { journal: {}, relays: loghost }
`,
  );
  const { sources } = loadConfig(path).config;
  const patterns = ['/var/log/remote/web1.log', '/var/log/auth.log', 'journal'].map((stream) =>
    relaysOf(sources, stream),
  );
  assert.deepEqual(patterns, [['gw*', 'relay.example.org'], [], ['loghost']]);
});
