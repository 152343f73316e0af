import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import type { NrdpSettings } from '../../src/monitor/nrdp/config.ts';
import { openNrdp } from '../../src/monitor/nrdp/nrdp.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';
import { makeCertificate } from '../support/certificate.ts';
import { startNagios } from '../support/nagios.ts';
import { startNrdp, type NrdpOptions } from '../support/nrdp.ts';
import { needs } from '../support/packages.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const log = pino({ level: 'silent' });
const OUTPUTS = [
  'Denied sshd-203.0.113.7',
  'two\nlines \\n größer',
  '; | `$() & <b> "\'',
  'a\ud800z\ufffe',
];

for (const format of ['json', 'xml'] as const) {
  for (const secure of [false, true]) {
    void test(`results arrive as sent by ${secure ? 'HTTPS' : 'HTTP'} in ${format}`, async (t) => {
      const tls = secure ? { tls: makeCertificate(tempDir(t), 'nagios', 1) } : {};
      const nrdp = await startNrdp(t, { ...tls, requireHttps: secure });
      const session = await openNrdp({ ...nrdp.config, format }).open(t.signal);
      const injected = { ...critical('x'), service: 'a\nhost_name=b' };
      const results = [...OUTPUTS.map(critical), { ...critical('down'), service: '' }, injected];
      assert.deepEqual(await sendAll(session, results), [
        { result: injected, reason: 'the service has a semicolon or a control character' },
      ]);
      await session.finish();
      assert.deepEqual(
        nrdp.results().map(({ type, service, state, output }) => [type, service, state, output]),
        [
          ['service', 'TCP Wrappers', '2', 'Denied sshd-203.0.113.7'],
          ['service', 'TCP Wrappers', '2', 'two\\nlines \\\\n größer'],
          ['service', 'TCP Wrappers', '2', '; | `$() & <b> "\''],
          ['service', 'TCP Wrappers', '2', `a\ufffdz${format === 'xml' ? '?' : '\ufffe'}`],
          ['host', '', '2', 'down'],
        ],
      );
    });
  }
}

void test('Nagios behind NRDP alerts for each result', needs('root', 'nagios4-core'), async (t) => {
  const nagios = await startNagios(t);
  const { config } = await startNrdp(t, { spool: nagios.spool });
  const outbox = memoryOutbox();
  const count = 250;
  outbox.add(...Array.from({ length: count }, (_, i) => `number ${i} C:\\new`));
  const pace = { results: null, every: null };
  const delivery = startDelivery(openNrdp(config), outbox, { pace, log });
  t.after(() => delivery.stop(0));
  await until('all to be delivered', () => outbox.queued.length === 0);
  const alerts = () =>
    nagios.log().flatMap((line) => {
      const [, output] =
        /^SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;(.*)/.exec(line) ?? [];
      return output === undefined ? [] : [output];
    });
  await until('all alerts', () => alerts().length >= count);
  assert.deepEqual(
    alerts().toSorted(),
    Array.from({ length: count }, (_, i) => `number ${i} C:\\new`).toSorted(),
  );
  assert.ok(existsSync(nagios.spool));
});

void test('check finds a wrong token, and leaves no result', async (t) => {
  const nrdp = await startNrdp(t);
  const [found] = await openNrdp(nrdp.config).probe([], t.signal);
  assert.equal(found?.kind, 'ok');
  assert.match(found.text, /^http:\/\/127.0.0.1:\d+ \(NRDP 2\.0\.6\) takes the token$/);
  const wrong = openNrdp({ ...nrdp.config, token: Buffer.from('wrong') });
  const message = /does not know the token: it is none of authorized_tokens/;
  await assert.rejects(wrong.probe([], t.signal), { kind: 'unauthorised', message });
  assert.deepEqual(nrdp.results(), []);
});

/** What can be wrong, and what is said of it, by check or when a result is sent. */
const FAULTS: readonly (readonly [string, NrdpOptions, Partial<NrdpSettings>, string, RegExp])[] = [
  ['a wrong token', {}, { token: Buffer.from('x') }, 'unauthorised', /does not know the token/],
  ['HTTPS REQUIRED', { requireHttps: true }, {}, 'tls', /by HTTPS only .*give its https URL/],
  [
    'no user',
    { basic: { passwords: {}, users: [] } },
    {},
    'unauthorised',
    /requires basic authentication \(require_basic_auth\)/,
  ],
  [
    'a wrong password',
    { basic: { passwords: { u: 'right' }, users: ['u'] } },
    { basic: { user: 'u', password: Buffer.from('wrong') } },
    'unauthorised',
    /HTTP 401\): are user and password those of the web server/,
  ],
  [
    'a user that is not in the list',
    { basic: { passwords: { u: 'right' }, users: ['nrdpuser'] } },
    { basic: { user: 'u', password: Buffer.from('right') } },
    'unauthorised',
    /add it to valid_basic_auth_users/,
  ],
  ['no spool', { spool: null }, {}, 'command-file', /has no check_results_dir/],
  [
    'a spool that is not there',
    { spool: '/nowhere' },
    {},
    'command-file',
    /may the web server write/,
  ],
  ['NRDP before 1.5', { old: true }, {}, 'protocol', /does not read JSON.*set format: xml/],
];

for (const [what, options, settings, kind, message] of FAULTS) {
  void test(`${what} is said in words, and nothing counts as delivered`, async (t) => {
    const { config } = await startNrdp(t, options);
    const monitor = openNrdp({ ...config, ...settings });
    const sent = async () => {
      const session = await monitor.open(t.signal);
      await sendAll(session, [critical('x')]);
    };
    await assert.rejects(sent(), { kind, message });
  });
}

void test('a user of the web server is let in', async (t) => {
  const nrdp = await startNrdp(t, { basic: { passwords: { u: 'right' }, users: ['u'] } });
  const basic = { user: 'u', password: Buffer.from('right') };
  const session = await openNrdp({ ...nrdp.config, basic }).open(t.signal);
  await sendAll(session, [critical('x')]);
  await session.finish();
  assert.equal(nrdp.results().length, 1);
});

void test('another page is no NRDP, and where it redirects to is said', async (t) => {
  const { config, port } = await startNrdp(t);
  for (const [path, message] of [
    ['/nrdp', /redirects to \/nrdp\/: give that URL/],
    ['/other/', /no such page \(HTTP 404\)/],
  ] as const) {
    const places = [{ url: new URL(`http://127.0.0.1:${port}${path}`), serverName: null }];
    const opened = openNrdp({ ...config, places }).open(t.signal);
    await assert.rejects(opened, { kind: 'protocol', message });
  }
});

for (const [what, options] of Object.entries({
  'a web server': { bodyLimit: 4000 },
  PHP: { postMaxSize: 150_000 },
})) {
  void test(`batches get smaller where ${what} takes no long request`, async (t) => {
    const nrdp = await startNrdp(t, options);
    const outbox = memoryOutbox();
    const outputs = Array.from({ length: 300 }, (_, i) => `number ${i} ${'ü'.repeat(200)}`);
    const few = what === 'PHP' ? outputs : outputs.slice(0, 40);
    outbox.add(...few);
    const pace = { results: null, every: 0 };
    const delivery = startDelivery(openNrdp(nrdp.config), outbox, { pace, log });
    t.after(() => delivery.stop(0));
    await until('all to be delivered', () => outbox.queued.length === 0);
    assert.deepEqual(outbox.aside, []);
    assert.deepEqual(
      nrdp.results().map(({ output }) => output),
      few,
    );
    assert.ok(Math.max(...nrdp.batches()) < 200);
  });
}
