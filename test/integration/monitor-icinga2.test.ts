import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import test, { describe, type TestContext } from 'node:test';
import { openIcinga2 } from '../../src/monitor/icinga2/icinga2.ts';
import type { Icinga2Settings } from '../../src/monitor/icinga2/config.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { makeCertificate } from '../support/certificate.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { needs } from '../support/packages.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'icinga2-bin', 'icinga2-common');

const OBJECTS = `
object ApiUser "nobody" {
  password = "change me"
  permissions = [ "objects/query/Host" ]
}
object ApiUser "by certificate" {
  client_cn = "agent"
  permissions = [ "actions/*" ]
}
object Service "off" {
  import "denywatch-event"
  host_name = "firestorm"
  enable_passive_checks = false
}
`;

/** The settings with something else in them. */
function other(config: Icinga2Settings, more: Partial<Icinga2Settings>) {
  return openIcinga2({ ...config, ...more });
}

void test('real Icinga 2 takes what is sent, and says what it does not take', NEEDS, async (t) => {
  const icinga = await startIcinga2(t, { objects: OBJECTS });
  const { config } = icinga;
  const [node] = icinga.nodes;

  await t.test('results arrive as sent, and the others are set aside by name', async () => {
    const session = await openIcinga2(config).open(t.signal);
    const outputs = ['Denied sshd-203.0.113.7', 'two\nlines \\ größer', '; | `$()', 'a\ud800z'];
    const unknown = { ...critical('x'), service: 'nope' };
    const off = { ...critical('x'), service: 'off' };
    const down = { ...critical('down'), service: '' };
    const results = [...outputs.map(critical), unknown, off, down];
    const refused = await sendAll(session, results);
    assert.deepEqual(
      refused.toSorted(({ reason: a }, { reason: b }) => (a < b ? -1 : 1)),
      [
        {
          result: unknown,
          reason: 'Icinga does not know firestorm!nope (or the user may not see it)',
        },
        { result: off, reason: 'Icinga takes no passive results for firestorm!off' },
      ],
    );
    await session.finish();
    await until('all events', () => node!.processed().length >= 5);
    const came = node!.processed().map(({ service, output }) => `${service}: ${output}`);
    assert.deepEqual(came.toSorted(), [
      ': down',
      'TCP Wrappers: ; | `$()',
      'TCP Wrappers: Denied sshd-203.0.113.7',
      'TCP Wrappers: a\ufffdz',
      'TCP Wrappers: two\nlines \\ größer',
    ]);
  });

  await t.test('check names what is missing, and changes nothing', async () => {
    const before = node!.processed().length;
    const services = ['TCP Wrappers', 'nope', 'off', ''].map((service) => ({
      host: 'firestorm',
      service,
    }));
    const found = await openIcinga2(config).probe(services, t.signal);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['ok', 'problem', 'problem'],
    );
    assert.match(found[0]!.text, /^https:\/\/127.0.0.1:\d+ \(r2\.\S+\) takes results$/);
    assert.match(found[1]!.text, /does not know firestorm!nope .*: add it there/);
    assert.match(found[2]!.text, /no passive results for firestorm!off: set enable_passive_checks/);
    assert.equal(node!.processed().length, before);
  });

  await t.test('a wrong password and a user without the permission are said at once', async () => {
    const wrong = other(config, { password: Buffer.from('wrong') });
    const message = /refuses the login: is the user an ApiUser there, and the password right\?/;
    await assert.rejects(wrong.open(t.signal), { kind: 'unauthorised', message });
    await assert.rejects(wrong.probe([], t.signal), { kind: 'unauthorised', message });
    const nobody = other(config, { user: 'nobody' });
    await assert.rejects(nobody.open(t.signal), {
      kind: 'unauthorised',
      message:
        /the ApiUser nobody of \S+ may not send results: give it permissions = \[ "actions\//,
    });
  });

  await t.test("a certificate of Icinga's CA lets us in as well", async () => {
    const client = icinga.certificate('agent');
    const named = other(config, { user: null, tls: { ...config.tls, client } });
    assert.equal((await named.probe([], t.signal))[0]?.kind, 'ok');
  });

  await t.test('a fingerprint is believed in place of CA and name', async () => {
    const crt = readFileSync(join(icinga.dir, 'mon', 'certs', 'mon.crt'));
    const { fingerprint256 } = new X509Certificate(crt);
    const places = config.places.map(({ url }) => ({ url, serverName: null }));
    const tls = { ca: null, client: null };
    const pinned = other(config, { places, tls: { ...tls, fingerprints: [fingerprint256] } });
    assert.equal((await pinned.probe([], t.signal))[0]?.kind, 'ok');
    const another = createHash('sha256')
      .digest('hex')
      .toUpperCase()
      .replaceAll(/(..)(?=.)/g, '$1:');
    const wrong = other(config, { places, tls: { ...tls, fingerprints: [another] } });
    await assert.rejects(wrong.open(t.signal), {
      kind: 'tls',
      message: new RegExp(`not one that fingerprint names: it has ${fingerprint256}`),
    });
  });

  await t.test('what is wrong with a certificate is said in words', async () => {
    const unknown = other(config, { tls: { ...config.tls, ca: null } });
    const byNobody = /signed by an unknown CA: name the CA's certificate with ca/;
    await assert.rejects(unknown.open(t.signal), { kind: 'tls', message: byNobody });
    const ca = makeCertificate(tempDir(t), 'Icinga CA', 30).cert;
    const wrong = other(config, { tls: { ...config.tls, ca } });
    await assert.rejects(wrong.open(t.signal), { kind: 'tls', message: /CA that ca names/ });
    const places = config.places.map(({ url }) => ({ url, serverName: null }));
    await assert.rejects(other(config, { places }).open(t.signal), {
      kind: 'tls',
      message: /is for mon, not for 127.0.0.1: if that is the monitor, set serverName: mon/,
    });
  });
});

void describe('a server that is no Icinga', () => {
  void test('a certificate that has expired', async (t) => {
    const made = makeCertificate(tempDir(t), 'mon', -1);
    const port = await https(t, made, 200, '');
    await assert.rejects(openIcinga2(settings(port, made.cert)).open(t.signal), {
      kind: 'tls',
      message: /has expired: have it renewed/,
    });
  });

  const answers: readonly (readonly [string, number, string, RegExp])[] = [
    ['protocol', 200, '<html>', /that is not Icinga's; is the URL right\?/],
    ['protocol', 200, '{"results":[{"a":1}]}', /that is not Icinga's/],
    ['protocol', 404, 'not found', /answers HTTP 404/],
    ['busy', 503, 'starting', /takes nothing at the moment \(HTTP 503\)/],
    ['busy', 503, '{"error":503,"status":"Shutting down."}', /takes nothing at the moment/],
    ['unauthorised', 401, '<h1>Unauthorized</h1>', /refuses the login/],
    ['unauthorised', 403, '{"error":403,"status":"Missing permission: x\\u001b"}', /not permit it/],
  ];
  for (const [kind, status, body, message] of answers) {
    void test(`that answers ${status} ${body}`, async (t) => {
      const made = makeCertificate(tempDir(t), 'mon', 1);
      const port = await https(t, made, status, body);
      const opened = openIcinga2(settings(port, made.cert)).open(t.signal);
      await assert.rejects(opened, { kind, message });
    });
  }
});

function settings(port: number, ca: Buffer): Icinga2Settings {
  return {
    kind: 'icinga2',
    name: 'mon',
    places: [{ url: new URL(`https://127.0.0.1:${port}/`), serverName: 'mon' }],
    tls: { ca, fingerprints: [], client: null },
    timeout: 60_000,
    sourceAddress: null,
    proxies: {},
    user: 'denywatch',
    password: Buffer.from('x'),
    connections: 1,
  };
}

async function https(
  t: TestContext,
  tls: { key: Buffer; cert: Buffer },
  status: number,
  body: string,
): Promise<number> {
  const server = createServer(tls, (_request, response) => {
    response.writeHead(status).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
