import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { NscaSettings } from '../../src/monitor/nsca/config.ts';
import { loadConfig } from '../../src/agent/config.ts';
import { tempDir } from '../support/temp.ts';

const EXAMPLE = new URL('../../etc/denywatch.yaml', import.meta.url).pathname;

function load(t: TestContext, text: string, env: NodeJS.ProcessEnv = {}, dir = tempDir(t)) {
  const path = join(dir, 'denywatch.yaml');
  writeFileSync(path, text, { mode: 0o600 });
  return loadConfig(path, env);
}

test('what is not configured has its default', (t) => {
  const { config, warnings } = load(t, 'sources: [{ file: auth.log }]\n');
  assert.equal(config.host, hostname().split('.')[0]);
  assert.equal(config.service, 'TCP Wrappers');
  assert.equal(config.state, 2);
  assert.equal(config.output, 'Denied {daemon}-{client}');
  assert.deepEqual(config.pace, { results: null, every: null });
  assert.equal(config.fold.window, 60_000);
  assert.equal(config.queue.keep, 7 * 86_400_000);
  assert.deepEqual([config.queue.order, config.queue.digestAfter], ['oldest', 3_600_000]);
  assert.deepEqual(config.history, { keep: 90 * 86_400_000, clients: 500 });
  assert.deepEqual(warnings, []);
});

test('reading a configuration changes neither the file nor its directory', (t) => {
  const dir = tempDir(t);
  const text = '# mine\nsources:   [ {file: auth.log} ]\n';
  load(t, text, {}, dir);
  assert.equal(readFileSync(join(dir, 'denywatch.yaml'), 'utf8'), text);
  const before = statSync(dir).mtimeMs;
  loadConfig(join(dir, 'denywatch.yaml'), {});
  assert.equal(statSync(dir).mtimeMs, before);
});

test('the example in etc is right; it only lacks the password', () => {
  const { config, warnings } = loadConfig(EXAMPLE, {});
  assert.equal(config.monitors[0]?.name, 'monitor:5667');
  assert.equal(config.heartbeat?.service, 'denywatch');
  assert.deepEqual(
    warnings.map((warning) => warning.split(':')[0]),
    ['monitors.0'],
  );
});

test('paths are relative to the file, and a list of logs is as good as many sources', (t) => {
  const dir = tempDir(t);
  const { config } = load(
    t,
    'sources: [{ file: [auth.log, /var/log/*.log] }]\nqueue: { path: q.db }\n',
    {},
    dir,
  );
  const paths = config.sources.map((source) => (source.kind === 'file' ? source.path : ''));
  assert.deepEqual(paths, [join(dir, 'auth.log'), '/var/log/*.log']);
  assert.equal(config.queue.path, join(dir, 'q.db'));
});

/** Only what the monitor's line says differs in these. */
function monitor(t: TestContext, text: string, env: NodeJS.ProcessEnv = {}, dir = tempDir(t)) {
  const { config } = load(t, `sources: [{ file: a }]\nmonitors: [{ ${text} }]\n`, env, dir);
  return config.monitors[0] as NscaSettings;
}

test('addresses of monitors come with and without a port', (t) => {
  const place = (text: string) => {
    const { host, port, name } = monitor(t, `nsca: "${text}"`);
    return { host, port, name };
  };
  assert.deepEqual(place('monitor'), { host: 'monitor', port: 5667, name: 'monitor:5667' });
  assert.deepEqual(place('192.0.2.1:99'), { host: '192.0.2.1', port: 99, name: '192.0.2.1:99' });
  assert.deepEqual(place('2001:db8::1'), {
    host: '2001:db8::1',
    port: 5667,
    name: '[2001:db8::1]:5667',
  });
  assert.deepEqual(place('[2001:db8::1]:99'), {
    host: '2001:db8::1',
    port: 99,
    name: '[2001:db8::1]:99',
  });
});

test('an encryption is a name or the number of send_nsca.cfg', (t) => {
  assert.equal(monitor(t, 'nsca: m, encryption: 3des').method, 3);
  assert.equal(monitor(t, 'nsca: m, encryption: 14').method, 14);
  assert.equal(monitor(t, 'nsca: m, encryption: none').method, 0);
  assert.equal(monitor(t, 'nsca: m').method, 1);
});

test('a password comes from a file, from systemd, or from send_nsca.cfg', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'secret'), ' with blanks \n', { mode: 0o600 });
  writeFileSync(join(dir, 'send_nsca.cfg'), '# c\nencryption_method=14\npassword=a=b \n', {
    mode: 0o600,
  });
  assert.equal(
    String(monitor(t, 'nsca: m, passwordFile: secret', {}, dir).password),
    ' with blanks ',
  );
  const env = { CREDENTIALS_DIRECTORY: dir };
  assert.equal(String(monitor(t, 'nsca: m, credential: secret', env).password), ' with blanks ');
  const theirs = monitor(t, 'nsca: m, sendNscaConfig: send_nsca.cfg', {}, dir);
  assert.deepEqual([theirs.method, String(theirs.password)], [14, 'a=b ']);
});

test('a secret that all can read is warned about', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'secret'), 'x');
  chmodSync(join(dir, 'secret'), 0o644);
  const { warnings } = load(
    t,
    'sources: [{ file: a }]\nmonitors: [{ nsca: m, passwordFile: secret }]\n',
    {},
    dir,
  );
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /secret holds a secret and is readable by all: chmod 640/);
});

test('scan, storm, repeats and digests can be turned off', (t) => {
  const { config } = load(
    t,
    'sources: [{ file: a }]\nfold: { window: 0, scan: false, storm: false }\nqueue: { digestAfter: false }\n',
  );
  assert.equal(config.queue.digestAfter, null);
  assert.deepEqual([config.fold.window, config.fold.scan, config.fold.storm], [0, null, null]);
});

test('NSCA-ng has a port of its own, and this machine for an identity', (t) => {
  const { config } = load(
    t,
    'sources: [{ file: a }]\nmonitors: [{ nsca-ng: m, password: p }, { nsca-ng: n, identity: me, password: q }]\ndeliver: first\n',
  );
  const [first, second] = config.monitors;
  assert.deepEqual(
    { ...first, password: 0 },
    {
      kind: 'nsca-ng',
      name: 'm:5668',
      host: 'm',
      port: 5668,
      identity: hostname(),
      password: 0,
      timeout: 10_000,
      sourceAddress: null,
    },
  );
  assert.equal(second?.kind === 'nsca-ng' && second.identity, 'me');
  assert.equal(config.deliver, 'first');
});

test('a central log host has its names, and a heartbeat its defaults', (t) => {
  const { config } = load(
    t,
    "sources: [{ file: a }]\nhost: '{host}'\nhosts: { allow: web*, map: { ip-1: db1 }, other: loghost }\nheartbeat: {}\n",
  );
  assert.deepEqual(config.hosts, {
    allow: ['web*'],
    map: new Map([['ip-1', 'db1']]),
    other: 'loghost',
    longest: 255,
  });
  assert.deepEqual(config.heartbeat, {
    service: 'denywatch',
    every: 300_000,
    warn: 1000,
    okAfter: null,
  });
});

test('rules are one or a list, and so is each of their conditions', (t) => {
  const given = (text: string) => load(t, `sources: [{ file: a }]\nrules: ${text}\n`).config.rules;
  const [first, second] = given(
    '[{ if: { client: 10.0.0.0/8, hour: [8-18, 22] }, ignore: true }, { state: warning, service: S }]',
  );
  const nothing = { daemon: [], client: [], user: [], host: [], hour: [] };
  const unset = { ignore: false, state: null, service: null, host: null, output: null };
  const hour = [
    { from: 8, to: 18 },
    { from: 22, to: 23 },
  ];
  assert.deepEqual(first, {
    ...unset,
    if: { ...nothing, client: ['10.0.0.0/8'], hour },
    ignore: true,
  });
  assert.deepEqual(second, { ...unset, if: nothing, state: 1, service: 'S' });
  assert.equal(given('{ if: { user: root }, state: critical }').length, 1);
});
