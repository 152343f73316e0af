import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { MonitorError } from '../../../src/monitor/error.ts';
import { HttpClient, type HttpOptions } from '../../../src/monitor/http/client.ts';

/** Listens, and does this to each connection that has asked something. */
async function server(t: TestContext, answer: (socket: Socket, count: number) => void) {
  const open = new Set<Socket>();
  let count = 0;
  const listening = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => answer(socket, ++count));
  });
  await once(listening.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    listening.close();
  });
  return {
    port: (listening.address() as AddressInfo).port,
    connections: () => open.size,
    requests: () => count,
  };
}

function client(t: TestContext, port: number, more: Partial<HttpOptions['settings']> = {}) {
  const one = new HttpClient({
    settings: {
      tls: { ca: null, fingerprints: [], client: null },
      timeout: 20_000,
      sourceAddress: null,
      proxies: {},
      ...more,
    },
    place: { url: new URL(`http://127.0.0.1:${port}/`), serverName: null },
    connections: 1,
  });
  t.after(() => one.close());
  return one;
}

const GET = { method: 'GET', path: 'v1', headers: {}, body: '' } as const;
const POST = { method: 'POST', path: 'v1', headers: {}, body: 'token=secret' } as const;
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: Text/Plain; charset=utf-8\r\n';

void test('an answer is read whole, and the connection is used again', async (t) => {
  const { port, connections } = await server(t, (socket) =>
    socket.write(`${OK}Content-Length: 5\r\n\r\nhello`),
  );
  const one = client(t, port);
  for (let i = 0; i < 3; i++) {
    const answer = await one.request(POST, t.signal);
    assert.deepEqual(answer, { status: 200, type: 'text/plain', body: 'hello' });
  }
  assert.equal(connections(), 1);
});

/** What a server may do, and the kind of the error with its words. */
const HOSTILE: Readonly<Record<string, [(socket: Socket) => void, string, RegExp]>> = {
  'a body of 10 MB': [
    (socket) => {
      socket.write(`${OK}Content-Length: 10485760\r\n\r\n`);
      socket.write('x'.repeat(10_485_760));
    },
    'protocol',
    /more than 64 KiB \(HTTP 200\)/,
  ],
  'a body without an end': [
    (socket) => {
      socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
      for (let i = 0; i < 100; i++) socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`);
    },
    'protocol',
    /more than 64 KiB/,
  ],
  'a header without an end': [
    (socket) => {
      socket.write(OK);
      for (let i = 0; i < 100; i++) socket.write(`X-${i}: ${'x'.repeat(1000)}\r\n`);
    },
    'protocol',
    /a header that does not end/,
  ],
  'a compressed bomb': [
    (socket) => {
      const bomb = gzipSync(Buffer.alloc(10_000_000));
      socket.write(`${OK}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    },
    'protocol',
    /sends a compressed answer/,
  ],
  'a byte at a time': [
    (socket) => {
      socket.write(`${OK}Content-Length: 1000\r\n\r\n`);
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    },
    'unknown',
    /did not answer the request in 0.3 s/,
  ],
  silence: [() => {}, 'unknown', /did not answer the request in 0.3 s/],
  'no HTTP': [
    (socket) => void socket.write('220 mail ESMTP\r\n'),
    'protocol',
    /not answer in HTTP/,
  ],
  'the end of the connection': [(socket) => void socket.end(), 'cut', /broke off the connection/],
  'a reset in the body': [
    (socket) => {
      socket.write(`${OK}Content-Length: 1000\r\n\r\nx`, () => socket.resetAndDestroy());
    },
    'cut',
    /broke off the connection/,
  ],
  'a redirection to itself': [
    (socket) =>
      void socket.write('HTTP/1.1 302 Found\r\nLocation: /v1\r\nContent-Length: 0\r\n\r\n'),
    'protocol',
    /redirects to \/v1: give that URL/,
  ],
  'a redirection with escapes in it': [
    (socket) => {
      socket.write('HTTP/1.1 301 x\r\nLocation: http://x/\u009b31m\r\nContent-Length: 0\r\n\r\n');
    },
    'protocol',
    /redirects to http:\/\/x\/\S*31m: give that URL/,
  ],
};

for (const [what, [answer, kind, message]] of Object.entries(HOSTILE)) {
  void test(`${what} is one clear error, and nothing is asked twice`, async (t) => {
    const { port, requests } = await server(t, answer);
    // Only for what never comes is a short wait enough.
    const more = /0\.3 s/.test(message.source) ? { timeout: 300 } : {};
    await assert.rejects(client(t, port, more).request(POST, t.signal), (thrown) => {
      const error = thrown as MonitorError;
      assert.equal(error.name, 'MonitorError', String(error));
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, message);
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]|secret/);
      return true;
    });
    assert.equal(requests(), 1);
  });
}

void test('a port where nobody listens, and a connection that is never taken', async (t) => {
  const { port } = await server(t, () => {});
  const refused = client(t, 1).request(GET, t.signal);
  await assert.rejects(refused, { kind: 'down', message: /can't connect to http:.*refused/ });
  // TLS with a server that waits for a request: no answer to the handshake.
  const silent = new HttpClient({
    settings: {
      tls: { ca: null, fingerprints: [], client: null },
      timeout: 300,
      sourceAddress: null,
      proxies: {},
    },
    place: { url: new URL(`https://127.0.0.1:${port}/`), serverName: null },
    connections: 1,
  });
  await assert.rejects(silent.request(GET, t.signal), { kind: 'down', message: /in 0.3 s/ });
  silent.close();
});

void test('the signal ends a request with its own reason', async (t) => {
  const { port } = await server(t, () => {});
  const stop = new AbortController();
  const asked = client(t, port, { timeout: 60_000 }).request(GET, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(asked, { message: 'enough' });
});

void test('a proxy of the environment is used, but for what no_proxy names', async (t) => {
  const asked: string[] = [];
  const proxy = await server(t, (socket) => {
    socket.write(`${OK}Content-Length: 5\r\n\r\nproxy`);
  });
  const direct = await server(t, (socket) => {
    socket.write(`${OK}Content-Length: 6\r\n\r\ndirect`);
  });
  const http_proxy = `http://127.0.0.1:${proxy.port}`;
  for (const no_proxy of ['', '127.0.0.1']) {
    const proxies = { http_proxy, no_proxy };
    const { body } = await client(t, direct.port, { proxies }).request(GET, t.signal);
    asked.push(body);
  }
  assert.deepEqual(asked, ['proxy', 'direct']);
});
