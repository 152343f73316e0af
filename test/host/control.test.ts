import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { askState, serveState } from '../../src/host/control.ts';
import { ownerOf } from '../../src/host/owner.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** More than a socket holds that nobody reads. */
const LARGE = { text: 'x'.repeat(1 << 21) };

/** An agent that answers with a large state, and a way to connect to it. */
function given(t: TestContext, patience?: number) {
  const queue = join(tempDir(t), 'queue.db');
  const log = pino({ enabled: false });
  const server = serveState(queue, () => LARGE, { log, ...(patience && { patience }) });
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const open = () => {
    const socket = connect({ path: `${queue}.sock`, allowHalfOpen: true });
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  };
  return { open, ask: () => askState(queue, ownerOf(queue)) };
}

test('a connection that nobody reads ends after a while, and others are answered', async (t) => {
  const { open, ask } = given(t, 500);
  const idle = open().pause();
  await once(idle, 'connect');
  // On a busy machine the answer itself may take too long.
  const answer = await until('an answer', async () => (await ask()).state);
  assert.deepEqual(answer, LARGE);
  // Only a connection that is gone refuses what is written to it.
  await until('the end of the connection', () => idle.destroyed || (idle.write('x'), false));
});

test('connections beyond a limit are refused, until others end', async (t) => {
  const { open, ask } = given(t, 60_000);
  const idle = Array.from({ length: 50 }, () => open().pause());
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  await until('a refusal', async () => (await ask()).why === 'silent');
  for (const socket of idle) socket.destroy();
  await until('an answer', async () => (await ask()).why === 'answered');
});
