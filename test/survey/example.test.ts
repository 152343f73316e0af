import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { exampleText, fillExample, type Filling } from '../../src/survey/example.ts';
import { draftMonitor } from '../../src/monitor/kinds.ts';
import { loadConfig } from '../../src/agent/config.ts';
import { tempDir } from '../support/temp.ts';

const BARE: Filling = { host: 'gw', sources: [{ stream: '/var/log/auth.log', remark: '' }] };

function filled(t: TestContext, more: Partial<Filling>) {
  const dir = tempDir(t);
  const path = join(dir, 'denywatch.yaml');
  writeFileSync(join(dir, 'send_nsca.cfg'), 'password=secret\nencryption_method=3\n');
  writeFileSync(join(dir, 'nsca.password'), 'secret\n');
  writeFileSync(path, fillExample(exampleText(), { ...BARE, ...more }));
  return loadConfig(path, {}).config;
}

test('the example filled in says what was found, and otherwise what the example says', (t) => {
  const config = filled(t, {
    sources: [
      { stream: '/var/log/secure', remark: '2 refusals' },
      { stream: 'journal', remark: '' },
    ],
    monitor: draftMonitor('nagios.example.org:5666')!,
    sendNscaConfig: 'send_nsca.cfg',
  });
  assert.equal(config.host, 'gw');
  assert.deepEqual(
    config.sources.map((source) => (source.kind === 'file' ? source.path : 'journal')),
    ['/var/log/secure', 'journal'],
  );
  const [monitor] = config.monitors;
  assert.ok(monitor?.kind === 'nsca');
  assert.deepEqual(
    [monitor.name, monitor.method, monitor.password.toString()],
    ['nagios.example.org:5666', 3, 'secret'],
  );
  assert.equal(config.heartbeat?.service, 'denywatch');
});

test('names that YAML would read as something else keep being names', (t) => {
  for (const host of ['true', '1e3', '123', 'a: b', "it's", 'x #y', '@z', '-', 'x\u202ey']) {
    assert.equal(filled(t, { host }).host, host);
  }
  const [monitor] = filled(t, { monitor: draftMonitor('[2001:db8::1]:5667')! }).monitors;
  assert.ok(monitor?.kind === 'nsca');
  assert.equal(monitor.host, '2001:db8::1');
});

test('an example without a place for what is known is a mistake of ours, and is reported', () => {
  assert.throws(() => fillExample('sources: []\n', BARE), /has no \^#host/);
});

test('a monitor of another kind takes the place of the one in the example', (t) => {
  const text = fillExample(exampleText(), {
    ...BARE,
    monitor: draftMonitor('nsca-ng://mon:5669')!,
  });
  assert.match(
    text,
    /^monitors:\n {2}- nsca-ng: mon:5669\n {4}identity: \S+ {3}# an authorize section .*\n {4}passwordFile: nsca-ng\.password {3}# a file with its password\n/m,
  );
  assert.doesNotMatch(text, /^ {2}- nsca: |^ {4}encryption: /m);

  const path = join(tempDir(t), 'send_nsca.cfg');
  writeFileSync(path, 'identity = "gw1"\npassword = "secret"\n');
  const [monitor] = filled(t, {
    monitor: draftMonitor('nsca-ng://mon')!,
    sendNscaConfig: path,
  }).monitors;
  assert.ok(monitor?.kind === 'nsca-ng');
  assert.deepEqual([monitor.identity, monitor.password.toString()], ['gw1', 'secret']);
});
