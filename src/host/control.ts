/** A Unix socket beside the queue file, on which a running agent tells its state to `status`. */
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Logger } from 'pino';

const pathFor = (queuePath: string) => `${queuePath}.sock`;

/**
 * Gives `state()` as JSON to everyone who connects. The caller holds the queue's lock, so a socket
 * that is there was left by an agent that was killed.
 */
export function serveState(queuePath: string, state: () => object, log: Logger): { close(): void } {
  const path = pathFor(queuePath);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(JSON.stringify(state()));
  });
  server.on('error', (err) =>
    log.warn({ err }, `cannot listen on ${path}: status cannot ask this agent`),
  );
  server.listen(path);
  return { close: () => server.close() };
}

/** The state of the agent that runs with this queue, null where none answers. */
export async function askState(queuePath: string): Promise<unknown> {
  const socket = connect(pathFor(queuePath));
  socket.setTimeout(3000, () => socket.destroy());
  try {
    return JSON.parse(await text(socket));
  } catch {
    return null;
  }
}
