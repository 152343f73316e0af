import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { SendNscaConfigError } from '../../../src/monitor/client-config.ts';
import { readNscaNgClientConfig } from '../../../src/monitor/nsca-ng/send-nsca-config.ts';
import { tempDir } from '../../support/temp.ts';

function read(t: TestContext, text: string) {
  const path = join(tempDir(t), 'send_nsca.cfg');
  writeFileSync(path, text, 'latin1');
  const { identity, password, server, port } = readNscaNgClientConfig(path);
  return [identity, password?.toString('latin1'), server, port];
}

void test("what NSCA-ng's send_nsca reads is read as it does", (t) => {
  const files: [string, string, string][] = [
    ['identity = "gw"\npassword = "a b#c"\n', 'gw', 'a b#c'],
    ['identity=gw # me\n\tpassword=x\n', 'gw', 'x'],
    ['identity="gw"\r\npassword=x\r\n\r\n', 'gw', 'x'],
    ["identity='gw'\npassword='it\\'s \"x\"'\n", 'gw', 'it\'s "x"'],
    ['identity = g\\\nw\npassword = "sec\\ret\\\\"\n', 'gw', 'secret\\'],
    ['identity = gw\npassword = old\npassword = "new', 'gw', 'new'],
    [
      '# c\n  # d\nidentity = gw\npassword = \xe9\xff\ndelay=2\nencryption_method=3\n',
      'gw',
      '\xe9\xff',
    ],
  ];
  for (const [text, identity, password] of files) {
    assert.deepEqual(read(t, text), [identity, password, null, null], JSON.stringify(text));
  }
  assert.deepEqual(read(t, 'server = mon\nport = 5669\n'), [null, undefined, 'mon', '5669']);
});

void test('mistakes are named with file and line', (t) => {
  const mistakes: [string, RegExp][] = [
    ['#\nnonsense\n', /send_nsca\.cfg, line 2: a setting is written name = "value"/],
    ['password = secret x\n', /line 1: a setting is written/],
    ['identity = gw password = x\n', /line 1: a setting is written/],
    ['identity = gw\nPASSWORD = x\n', /line 2: NSCA-ng's send_nsca has no setting 'PASSWORD'/],
  ];
  for (const [text, message] of mistakes) {
    assert.throws(() => read(t, text), { name: SendNscaConfigError.name, message });
  }
});
