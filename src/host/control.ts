/** A Unix socket beside the queue file, on which a running agent tells its state to `status`. */
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { actAs, type Owner } from './owner.ts';

const pathFor = (queuePath: string) => `${queuePath}.sock`;

/** How long an agent may take to answer, ms. */
const PATIENCE = 3000;
/** Most characters of an answer that are believed to be one. */
const LONGEST = 1 << 26;

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
    log.warn(
      { err },
      `cannot listen on ${path}, so status cannot ask this agent; may its user write that directory?`,
    ),
  );
  // The group of the directory may ask too; others do not get into it.
  server.listen(path, () => chmodSync(path, 0o660));
  return { close: () => server.close() };
}

/** What the agent that runs with a queue says. */
export interface Answer {
  /** Its state, null where it did not tell. */
  readonly state: unknown;
  /** Why not: nobody listens, we may not ask, or nothing came in time. */
  readonly why: 'told' | 'nobody' | 'forbidden' | 'silent';
}

/**
 * Asks the agent that runs with this queue. Never throws.
 * @param owner whose rights root takes for that
 */
export async function askState(queuePath: string, owner: Owner): Promise<Answer> {
  const socket = actAs(owner, () => connect(pathFor(queuePath)));
  socket.setTimeout(PATIENCE, () => socket.destroy());
  try {
    return { state: JSON.parse(await limited(socket)), why: 'told' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return { state: null, why: 'forbidden' };
    const nobody = code === 'ENOENT' || code === 'ECONNREFUSED';
    return { state: null, why: nobody ? 'nobody' : 'silent' };
  }
}

/** All that comes, as long as that is no more than an agent says. */
async function limited(socket: Socket): Promise<string> {
  let answer = '';
  for await (const part of socket.setEncoding('utf8')) {
    answer += part as string;
    if (answer.length > LONGEST) throw new Error('this is no agent');
  }
  return answer;
}
