/** A Unix socket beside the queue file, on which a running agent sends its state to `status`. */
import { connect, createServer, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { actAs, type Owner } from './owner.ts';
import { listenAt } from './unix-socket.ts';

const pathFor = (queuePath: string) => `${queuePath}.sock`;

/** How long an agent may take to answer, ms. */
const PATIENCE = 3000;
/** How long whoever asks may take to read the answer: with 10,000 logs it has megabytes, ms. */
const READ_WITHIN = 30_000;
/** Most connections at a time: members of the group can open as many as they like. */
const CONNECTIONS = 50;
/** Longest answer that is accepted, characters. */
const LONGEST = 1 << 26;

/**
 * Sends `state()` as JSON to everyone who connects. The caller holds the queue's lock, so a socket
 * that already exists was left by an agent that was killed. A connection ends after a while, even if
 * nobody reads it.
 * @param patience after how long, ms
 */
export function serveState(
  queuePath: string,
  state: () => object,
  { log, patience = READ_WITHIN }: { readonly log: Logger; readonly patience?: number },
): { close(): void } {
  const path = pathFor(queuePath);
  const server = createServer((socket) => {
    const deadline = setTimeout(() => socket.destroy(), patience);
    socket.on('close', () => clearTimeout(deadline)).on('error', () => {});
    socket.end(JSON.stringify(state()));
  });
  server.maxConnections = CONNECTIONS;
  server.on('error', (err) =>
    log.warn(
      { err },
      `cannot listen on ${path}, so denywatch status cannot query this agent; may its user write to that directory?`,
    ),
  );
  // The group of the directory may connect too; others cannot enter the directory.
  listenAt(server, path, 0o660);
  return { close: () => server.close() };
}

/** The answer of the agent that runs with a queue. */
export interface Answer {
  /** Its state; null if it did not answer. */
  readonly state: unknown;
  /** If it did not: nobody listens, we may not connect, or no answer came in time. */
  readonly why: 'answered' | 'nobody' | 'forbidden' | 'silent';
}

/**
 * Queries the agent that runs with this queue. Never throws.
 * @param owner the user whose rights root uses for this
 */
export async function askState(queuePath: string, owner: Owner): Promise<Answer> {
  const socket = actAs(owner, () => connect(pathFor(queuePath)));
  socket.setTimeout(PATIENCE, () => socket.destroy());
  try {
    return { state: JSON.parse(await limited(socket)), why: 'answered' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return { state: null, why: 'forbidden' };
    const nobody = code === 'ENOENT' || code === 'ECONNREFUSED';
    return { state: null, why: nobody ? 'nobody' : 'silent' };
  }
}

/** The whole answer, unless it is longer than an agent's can be. */
async function limited(socket: Socket): Promise<string> {
  let answer = '';
  for await (const part of socket.setEncoding('utf8')) {
    answer += part as string;
    if (answer.length > LONGEST) throw new Error('this is not an agent');
  }
  return answer;
}
