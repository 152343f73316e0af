import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { connect } from '../../src/monitor/connect.ts';

/** A server on an address of loopback, and where the next connection to it comes from. */
async function server(t: TestContext, host: string) {
  const listening = createServer().listen(0, host);
  await once(listening, 'listening');
  t.after(() => listening.close());
  const from = async () => {
    const [socket] = (await once(listening, 'connection')) as [Socket];
    t.after(() => socket.destroy());
    return socket.remoteAddress;
  };
  return { port: (listening.address() as AddressInfo).port, from };
}

test('a connection comes from the source address', async (t) => {
  const { port, from } = await server(t, '127.0.0.1');
  const place = { host: '127.0.0.1', port, timeout: 60_000, sourceAddress: '127.0.0.9' };
  const [{ socket }, source] = await Promise.all([connect(place, t.signal), from()]);
  t.after(() => socket.destroy());
  assert.equal(source, '127.0.0.9');
});

test('a source address of another machine is named', async (t) => {
  const { port } = await server(t, '127.0.0.1');
  const place = { host: '127.0.0.1', port, timeout: 60_000, sourceAddress: '192.0.2.1' };
  await assert.rejects(connect(place, t.signal), /sourceAddress is not an address of this machine/);
});

test('of the addresses of a name the one that answers is taken', async (t) => {
  // localhost is 127.0.0.1, and on most machines ::1 too, where nobody listens.
  const { port, from } = await server(t, '127.0.0.1');
  const place = { host: 'localhost', port, timeout: 60_000, sourceAddress: null };
  const [{ socket }, source] = await Promise.all([connect(place, t.signal), from()]);
  t.after(() => socket.destroy());
  assert.equal(source, '127.0.0.1');
});
