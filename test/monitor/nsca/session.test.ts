/** What a session concludes from faults that a real daemon can't be made to show at will. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import type { NscaSettings } from '../../../src/monitor/nsca/config.ts';
import { MonitorError } from '../../../src/monitor/error.ts';
import { openNsca } from '../../../src/monitor/nsca/nsca.ts';
import { encodeInit } from '../../../src/monitor/nsca/packet.ts';
import { critical } from '../../delivery/memory-outbox.ts';
import { sendAll } from '../../support/session.ts';

const TWO = [critical('one'), critical('two')];
/** Where nothing comes: enough for what comes before, ms. */
const IMPATIENT = { timeout: 400 };

/** A server that handles each connection as given, and the configuration to reach it. */
async function listen(
  t: TestContext,
  serve: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<NscaSettings> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await once(server.listen(0, host), 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    kind: 'nsca',
    name: `${host}:${port}`,
    host,
    port,
    method: 1,
    password: Buffer.from('secret'),
    outputSize: 4096,
    timeout: 60_000,
    sourceAddress: null,
  };
}

function greet(socket: Socket, ahead = 0): void {
  const time = Math.round(Date.now() / 1000) + ahead;
  socket.write(encodeInit({ iv: Buffer.alloc(128, 7), time }));
}

/** What a daemon does that takes everything. */
function accept(socket: Socket): void {
  greet(socket);
  socket.on('data', () => {}).on('end', () => socket.end());
}

function isKind(kind: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof MonitorError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  };
}

async function sendTwo(t: TestContext, config: NscaSettings): Promise<void> {
  const session = await openNsca(config).open(t.signal);
  await sendAll(session, TWO);
  await session.finish();
}

void test('nobody listens', async (t) => {
  const config = await listen(t, () => {});
  const monitor = openNsca({ ...config, port: 1 });
  await assert.rejects(monitor.open(t.signal), isKind('down', /connection refused/));
});

void test('a name that does not exist', async (t) => {
  const config = await listen(t, () => {});
  const monitor = openNsca({ ...config, host: 'monitor.invalid', timeout: 5000 });
  await assert.rejects(monitor.open(t.signal), isKind('down', /monitor\.invalid/));
});

void test('a listener that says nothing', async (t) => {
  const config = await listen(t, () => {});
  const sent = sendTwo(t, { ...config, ...IMPATIENT });
  await assert.rejects(sent, isKind('silent', /no NSCA greeting in 0\.4 s/));
});

void test('a listener that says something else', async (t) => {
  const config = await listen(t, (socket) => socket.write('220 mail.example\r\n'.repeat(20)));
  await assert.rejects(sendTwo(t, config), isKind('protocol', /not an NSCA daemon/));
});

void test('closed before the greeting', async (t) => {
  const config = await listen(t, (socket) => socket.end());
  await assert.rejects(sendTwo(t, config), isKind('closed', /decryption_method.*allowed_hosts/));
});

void test('reset before the greeting', async (t) => {
  const config = await listen(t, (socket) => setTimeout(() => socket.resetAndDestroy(), 10));
  await assert.rejects(sendTwo(t, config), isKind('closed', /closes every connection/));
});

void test('closed right after the greeting', async (t) => {
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.end();
  });
  await assert.rejects(sendTwo(t, config), isKind('command-file', /is Nagios running there/));
});

void test('closed a moment after the greeting', async (t) => {
  const config = await listen(t, (socket) => {
    greet(socket);
    setTimeout(() => socket.end(), 10);
  });
  await assert.rejects(openNsca(config).open(t.signal), isKind('command-file', /Nagios/));
});

void test('nothing is sent in the first 30 ms after the greeting', async (t) => {
  let greeted = 0;
  let came = 0;
  const config = await listen(t, (socket) => {
    greet(socket);
    greeted = performance.now();
    socket.once('data', () => (came = performance.now())).on('end', () => socket.end());
  });
  await sendTwo(t, config);
  assert.ok(came - greeted >= 29, `${came - greeted}`);
});

void test('both packets go out in one write', async (t) => {
  const sizes: number[] = [];
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.on('data', (chunk) => sizes.push(chunk.length)).on('end', () => socket.end());
  });
  await sendTwo(t, config);
  assert.deepEqual(sizes, [2 * 4304]);
});

void test('closed before we were done: refused', async (t) => {
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.once('data', () => socket.end());
  });
  const session = await openNsca(config).open(t.signal);
  await sendAll(session, [critical('one')]);
  await assert.rejects(session.finish(), isKind('refused', /password or the encryption method/));
  await assert.rejects(session.failed, isKind('refused', /./));
});

void test('reset after our end: refused', async (t) => {
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.on('data', () => {}).on('end', () => socket.resetAndDestroy());
  });
  await assert.rejects(sendTwo(t, config), isKind('refused', /password or the encryption method/));
});

void test('a reset by a monitor that took results before is no wrong password yet', async (t) => {
  let resets = false;
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.on('data', () => {}).on('end', () => (resets ? socket.resetAndDestroy() : socket.end()));
  });
  const monitor = openNsca(config);
  const attempt = async () => {
    const session = await monitor.open(t.signal);
    await sendAll(session, TWO);
    await session.finish();
  };
  await attempt();
  resets = true;
  await assert.rejects(attempt, isKind('cut', /was it stopped/));
  await assert.rejects(attempt, isKind('refused', /password/));
});

void test('no answer to our end: unknown', async (t) => {
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.on('data', () => {});
  });
  const sent = sendTwo(t, { ...config, ...IMPATIENT });
  await assert.rejects(sent, isKind('unknown', /does not answer/));
});

void test('a monitor that stops reading: unknown', async (t) => {
  const config = await listen(t, (socket) => {
    greet(socket);
    socket.pause();
  });
  const session = await openNsca({ ...config, ...IMPATIENT }).open(t.signal);
  const many = Array.from({ length: 5000 }, () => critical('x'));
  await assert.rejects(sendAll(session, many), isKind('unknown', /does not answer/));
});

void test('the clock of the monitor is reported', async (t) => {
  const config = await listen(t, (socket) => greet(socket, -3600));
  const session = await openNsca(config).open(t.signal);
  assert.ok(Math.abs(session.clockOffset! + 3600) <= 60, String(session.clockOffset));
  session.abort();
});

void test('a single packet is held for two seconds, a second one ends that', async (t) => {
  const config = await listen(t, greet);
  t.mock.method(performance, 'now', () => 1000);
  const session = await openNsca(config).open(t.signal);
  assert.equal(session.holdFor(), 0);
  await sendAll(session, [critical('one')]);
  assert.equal(session.holdFor(), 2000);
  await sendAll(session, [critical('two')]);
  assert.equal(session.holdFor(), 0);
  session.abort();
});

void test('the signal ends a session at every point, and abort does', async (t) => {
  const quiet = await listen(t, () => {});
  const config = await listen(t, greet);
  const aborted = { name: 'AbortError' };

  await assert.rejects(openNsca(config).open(AbortSignal.abort()), aborted);

  const early = new AbortController();
  const opening = openNsca({ ...quiet, timeout: 10_000 }).open(early.signal);
  setTimeout(() => early.abort(), 20);
  await assert.rejects(opening, aborted);

  const late = new AbortController();
  const session = await openNsca(config).open(late.signal);
  await sendAll(session, [critical('one')]);
  const finishing = session.finish();
  late.abort();
  await assert.rejects(finishing, aborted);

  const other = await openNsca(config).open(t.signal);
  other.abort();
  await assert.rejects(sendAll(other, TWO), isKind('unknown', /cut short/));
});

void test('IPv6, and a name with addresses of which only one answers', async (t) => {
  await sendTwo(t, await listen(t, accept, '::1'));
  const config = await listen(t, accept);
  await sendTwo(t, { ...config, host: 'localhost' });
});

void test('names that do not fit a packet are refused for themselves', async (t) => {
  const config = await listen(t, accept);
  const session = await openNsca(config).open(t.signal);
  const bad = { ...critical('x'), host: 'a;b' };
  assert.deepEqual(await sendAll(session, [bad, ...TWO]), [
    { result: bad, reason: 'the host name has a semicolon or a control character' },
  ]);
  await session.finish();
});
