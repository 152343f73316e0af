/** A TCP proxy before a real server, which does to connections what networks and dying hosts do. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestContext } from 'node:test';

/** What becomes of a connection, and of the one to the server behind. */
export type Fault = (client: Socket, server: () => Socket) => void;

export interface FaultProxy {
  readonly port: number;
  /** Connections so far. */
  readonly connections: () => number;
  /** What becomes of connections from now on; the open ones are reset. */
  readonly set: (fault: Fault) => void;
}

/** @param port of the real server, on loopback */
export async function faultProxy(
  t: TestContext,
  port: number,
  fault: Fault = passing,
): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    return socket.on('error', () => {}).on('close', () => open.delete(socket));
  };
  let connections = 0;
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    connections++;
    fault(keep(client), () => keep(connect({ port, host: '127.0.0.1', allowHalfOpen: true })));
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const cutAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  t.after(() => {
    cutAll();
    proxy.close();
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    connections: () => connections,
    set: (next) => {
      fault = next;
      cutAll();
    },
  };
}

/** Everything goes through, each side's end too. */
export const passing: Fault = (client, server) => pump(client, server(), () => true);

/** Listens, and that is all. */
export const silent: Fault = (client) => void client.resume();

/** Closes or resets at once, before the server has been asked. */
export const closing: Fault = (client) => void client.end();
export const resetting: Fault = (client) => void client.resetAndDestroy();

/** After `bytes` of both directions together both sides are reset. */
export const resetAfter = (bytes: number): Fault =>
  limited(bytes, (client, server) => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  });

/**
 * After `bytes` both sides are closed, as the kernel does it for a server that ends: in good order
 * where all that came was read, by a reset where more had come, and a reset for whatever comes later.
 */
export const closeAfter = (bytes: number): Fault =>
  limited(bytes, (client, server, unread) => {
    for (const socket of [client, server]) {
      if (socket === unread) socket.resetAndDestroy();
      else socket.destroySoon();
    }
  });

/** After `bytes` nothing arrives any more on either side, nor that the other one is gone. */
export const halfOpenAfter = (bytes: number): Fault => limited(bytes, () => {});

/** A few bytes at a time, with a pause between. */
export const trickling =
  (bytes: number, every: number): Fault =>
  (client, server) => {
    const to = server();
    void trickle(client, to, bytes, every);
    void trickle(to, client, bytes, every);
  };

/** @param over is given the side of which more had come than went through, null where none had */
function limited(
  bytes: number,
  over: (client: Socket, server: Socket, unread: Socket | null) => void,
): Fault {
  return (client, server) => {
    let left = bytes;
    const to = server();
    const goesOn = (size: number, from: Socket) => {
      left -= size;
      if (left <= 0) over(client, to, left < 0 ? from : null);
      return left > 0;
    };
    if (left === 0) over(client, to, null);
    else pump(client, to, goesOn, () => left);
  };
}

/** Copies both ways while `goesOn` says so; of the last chunk what `left` allows. */
function pump(
  client: Socket,
  server: Socket,
  goesOn: (size: number, from: Socket) => boolean,
  left: () => number = () => Infinity,
): void {
  let stopped = false;
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      if (stopped) return;
      to.write(chunk.subarray(0, left()));
      stopped = !goesOn(chunk.length, from);
    });
    from.on('end', () => void (stopped || to.end()));
    from.on('close', (hadError) => void (hadError && !stopped && to.resetAndDestroy()));
  }
}

async function trickle(from: Socket, to: Socket, bytes: number, every: number): Promise<void> {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += bytes) {
        to.write(chunk.subarray(at, at + bytes));
        await pause(every);
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}
