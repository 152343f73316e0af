/** HTTPS to a monitor through a real proxy, which opens a tunnel with CONNECT. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { HttpClient, type HttpOptions } from '../../src/monitor/http/client.ts';
import { makeCertificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const GET = { method: 'GET', path: 'v1', headers: {}, body: '' } as const;

/** A monitor with a certificate for `mon`, and a proxy that lets everything or only `port` through. */
async function setUp(t: TestContext, only: (port: number) => number = (port) => port) {
  const dir = tempDir(t);
  const { key, cert } = makeCertificate(dir, 'mon', 1);
  const server = createServer({ key, cert }, (_, response) => response.end('hello'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const proxy = await freePort();
  const config = [
    `Port ${proxy}`,
    'Listen 127.0.0.1',
    'Allow 127.0.0.1',
    `ConnectPort ${only(port)}`,
    'LogLevel Info',
    'MaxClients 10',
  ];
  writeFileSync(join(dir, 'tinyproxy.conf'), `${config.join('\n')}\n`);
  const running = program(t, 'tinyproxy', ['-d', '-c', join(dir, 'tinyproxy.conf')]);
  await until('the proxy', () => running.stdout().includes('Accepting connections'));
  const client = (tls: Partial<HttpOptions['settings']['tls']> = {}) => {
    const one = new HttpClient({
      settings: {
        tls: { ca: cert, fingerprints: [], client: null, ...tls },
        timeout: 20_000,
        sourceAddress: null,
        proxies: { https_proxy: `http://127.0.0.1:${proxy}` },
      },
      place: { url: new URL(`https://127.0.0.1:${port}/`), serverName: 'mon' },
      connections: 1,
    });
    t.after(() => one.close());
    return one;
  };
  /** How often somebody asked for a tunnel. */
  const tunnels = () => running.stdout().match(/: CONNECT 127\.0\.0\.1/g)?.length ?? 0;
  return { client, cert, running, tunnels };
}

void test(
  'results go through one tunnel, and the certificate is that of the monitor',
  needs('tinyproxy-bin'),
  async (t) => {
    const { client, tunnels } = await setUp(t);
    const one = client();
    for (let i = 0; i < 3; i++) assert.equal((await one.request(GET, t.signal)).body, 'hello');
    assert.equal(tunnels(), 1);
  },
);

void test('a fingerprint is compared behind the tunnel', needs('tinyproxy-bin'), async (t) => {
  const { client, cert } = await setUp(t);
  const { fingerprint256 } = new X509Certificate(cert);
  const right = client({ ca: null, fingerprints: [fingerprint256] });
  assert.equal((await right.request(GET, t.signal)).body, 'hello');
  const wrong = client({ ca: null, fingerprints: [fingerprint256.replace(/^../, '00')] });
  await assert.rejects(wrong.request(GET, t.signal), { kind: 'tls', message: /fingerprint names/ });
});

void test('an unknown CA is named as without a proxy', needs('tinyproxy-bin'), async (t) => {
  const { client } = await setUp(t);
  const asked = client({ ca: null }).request(GET, t.signal);
  await assert.rejects(asked, { kind: 'tls', message: /unknown CA/ });
});

void test(
  'a proxy that refuses is named, and so is one that is down',
  needs('tinyproxy-bin'),
  async (t) => {
    const { client, running } = await setUp(t, (port) => (port === 443 ? 444 : 443));
    const refused = client().request(GET, t.signal);
    await assert.rejects(refused, { kind: 'down', message: /the proxy refuses the connection/ });
    running.kill();
    await running.end();
    const down = client().request(GET, t.signal);
    await assert.rejects(down, { kind: 'down', message: /a proxy is set in the environment/ });
  },
);
