import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { loadConfig } from '../../../src/agent/config.ts';
import { ConfigError } from '../../../src/config/error.ts';
import { MONITOR_KEYS } from '../../../src/monitor/kinds.ts';
import { draftIcinga2 } from '../../../src/monitor/icinga2/config.ts';
import { draftNrdp } from '../../../src/monitor/nrdp/config.ts';
import { tempDir } from '../../support/temp.ts';

function load(t: TestContext, monitor: object, env: NodeJS.ProcessEnv = {}) {
  const path = join(tempDir(t), 'denywatch.yaml');
  writeFileSync(path, stringify({ sources: [{ file: 'x' }], monitors: [monitor] }), {
    mode: 0o600,
  });
  const { config, warnings } = loadConfig(path, env);
  return { monitor: config.monitors[0]!, warnings };
}

void test('an icinga2 monitor has its endpoints, its user and the proxies', (t) => {
  const { monitor, warnings } = load(
    t,
    {
      icinga2: ['https://icinga1:5665', 'https://icinga2:5665/'],
      serverName: ['one', 'two'],
      user: 'denywatch',
      password: 'secret',
      fingerprint: `sha256:${'ab'.repeat(32)}`,
    },
    { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'x', HOME: '/' },
  );
  assert.ok(monitor.kind === 'icinga2');
  assert.deepEqual(
    monitor.places.map(({ url, serverName }) => [url.href, serverName]),
    [
      ['https://icinga1:5665/', 'one'],
      ['https://icinga2:5665/', 'two'],
    ],
  );
  assert.equal(monitor.name, 'icinga1:5665, icinga2:5665');
  assert.deepEqual(monitor.proxies, { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'x' });
  assert.deepEqual(monitor.tls.fingerprints, [Array(32).fill('AB').join(':')]);
  assert.equal(monitor.connections, 4);
  assert.deepEqual(warnings, []);
});

void test('an nrdp monitor has a directory for its URL, and a token', (t) => {
  const { monitor, warnings } = load(t, {
    nrdp: 'http://monitor/nrdp',
    token: 'geheim',
    format: 'xml',
  });
  assert.ok(monitor.kind === 'nrdp');
  assert.equal(monitor.places[0]!.url.href, 'http://monitor/nrdp/');
  assert.deepEqual([monitor.token.toString(), monitor.format], ['geheim', 'xml']);
  assert.deepEqual(warnings, [
    'monitors.0: the token goes over the network in plain text: use https',
  ]);
  const script = load(t, { nrdp: 'https://monitor/nrdp/index.php', token: 'x' }).monitor;
  assert.ok(script.kind === 'nrdp');
  assert.equal(script.places[0]!.url.pathname, '/nrdp/index.php');
});

const MISTAKES: readonly (readonly [object, RegExp])[] = [
  [{ icinga2: 'http://x:5665', user: 'u', password: 'p' }, /must be a URL that begins with https:/],
  [{ icinga2: 'x:5665', user: 'u', password: 'p' }, /must be a URL that begins with https:/],
  [
    { icinga2: 'https://u:geheim@x/', user: 'u', password: 'p' },
    /must not contain a user, a password/,
  ],
  [{ icinga2: [], user: 'u', password: 'p' }, /not an empty list/],
  [{ icinga2: 'https://x:5665' }, /has neither 'user' nor 'cert'/],
  [{ icinga2: 'https://x:5665', user: 'u' }, /has a user without a password/],
  [{ icinga2: 'https://x:5665', cert: 'a' }, /has only one of 'cert' and 'key'/],
  [
    { icinga2: 'https://x', user: 'u', password: 'p', serverName: ['a', 'b'] },
    /one for each of the 1/,
  ],
  [{ icinga2: 'https://x', user: 'u', password: 'p', fingerprint: 'ab' }, /must be the SHA-256/],
  [{ icinga2: 'https://x', user: 'u', password: 'p', ca: '/etc/hostname' }, /is not a PEM file/],
  [{ nrdp: 'https://x/nrdp/' }, /has no token/],
  [{ nrdp: 'https://x/nrdp/', token: 'a', tokenFile: 'b' }, /'token' and 'tokenFile': keep one/],
  [{ nrdp: 'https://x/?token=geheim', token: 'a' }, /must not contain a user, a password/],
  [{ nrdp: ['https://x/', 'https://y/'], token: 'a' }, /must be one URL/],
  [{ nrdp: 'https://x/nrdp/', token: 'a', user: 'u' }, /has only one of .user. and .password./],
];

for (const [monitor, message] of MISTAKES) {
  void test(`${stringify(monitor).trim().replaceAll('\n', ', ')} is a mistake`, (t) => {
    assert.throws(
      () => load(t, monitor),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /geheim/);
        return true;
      },
    );
  });
}

void test('init knows each by its address', () => {
  assert.ok(['icinga2', 'nrdp'].every((key) => MONITOR_KEYS.includes(key as never)));
  assert.equal(draftIcinga2('icinga2://monitor')?.place, 'https://monitor:5665');
  assert.equal(draftIcinga2('https://monitor:5665/')?.place, 'https://monitor:5665');
  assert.equal(draftIcinga2('https://monitor/nrdp/'), null);
  assert.equal(draftNrdp('https://monitor/nagios/nrdp/')?.place, 'https://monitor/nagios/nrdp/');
  assert.equal(draftNrdp('monitor:5667'), null);
});
