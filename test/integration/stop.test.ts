import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';

/**
 * A monitor that greets as NSCA does, and never closes: no real one leaves a session open for so
 * long. The agent has sent it a result and waits for its verdict.
 */
async function inSession(t: TestContext) {
  const dir = tempDir(t);
  const { promise: received, resolve } = Promise.withResolvers<void>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const greeting = Buffer.alloc(132);
    greeting.writeUInt32BE(Math.floor(Date.now() / 1000), 128);
    socket.write(greeting);
    socket.on('data', () => resolve()).on('error', () => {});
    t.after(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  writeFileSync(join(dir, 'auth.log'), `${refusal('192.0.2.1', 1)}\n`);
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [
      { nsca: `127.0.0.1:${portOf(server)}`, encryption: 'aes', password: 'x', timeout: '5m' },
    ],
  });
  const agent = denywatch(t, 'run', '--config', config);
  await received;
  return { agent, config };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

test('on SIGTERM the agent ends well before its session does, and what was not delivered stays', async (t) => {
  const { agent, config } = await inSession(t);
  const began = performance.now();
  agent.kill('SIGTERM');
  // The session lasts longer than this waits.
  assert.equal(await agent.end(), 0);
  t.diagnostic(`it took ${Math.round(performance.now() - began)} ms`);
  assert.equal((await status(t, config))?.monitors[0]?.waiting, 1);
});

test('a second signal ends it at once', async (t) => {
  const { agent, config } = await inSession(t);
  // Both are there when it goes on: it would be ended by the first of them otherwise, if this process
  // were held up.
  for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGCONT'] as const) agent.kill(signal);
  assert.equal(await agent.end(), 1);
  assert.doesNotMatch(agent.stderr(), /^ended/m);
  assert.equal((await status(t, config))?.monitors[0]?.waiting, 1);
});
