/**
 * A small NSCA daemon for tests. It treats connections like Debian's nsca: a packet that cannot be
 * read closes the connection at once, everything else is read until the client ends.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { loadMethod, type OpenTransform } from './cipher.ts';
import { decodePacket, encodeInit, packetSize, type OutputSize, type Packet } from './packet.ts';
import { reasonOf } from '../../text/reason.ts';

/** A connection without traffic for this long is closed. */
const IDLE = 30_000;
const CONNECTIONS = 100;

export interface ReceiverOptions {
  readonly method: number;
  readonly password: Buffer;
  readonly outputSize: OutputSize;
  /** A result as received: texts are not cleaned. */
  readonly onResult: (packet: Packet) => void;
  /** A connection that was closed because it could not be read. */
  readonly onProblem: (message: string) => void;
}

/** Returns a server that does not listen yet. It holds one packet a connection in memory. */
export async function createReceiver(options: ReceiverOptions): Promise<Server> {
  const open = await loadMethod(options.method);
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, open, options));
  server.maxConnections = CONNECTIONS;
  return server;
}

function serve(socket: Socket, open: OpenTransform, options: ReceiverOptions): void {
  const { password, outputSize, onResult, onProblem } = options;
  const from = socket.remoteAddress ?? 'a client that is gone';
  const iv = randomBytes(128);
  const decrypt = open(password, iv, 'decrypt');
  const packet = Buffer.alloc(packetSize(outputSize));
  let filled = 0;

  const drop = (message: string) => {
    onProblem(`${from}: ${message}`);
    // nsca leaves the rest unread, and so resets the connection; here all of it may be read.
    socket.resetAndDestroy();
  };
  socket.setTimeout(IDLE, () => drop(`nothing came for ${IDLE / 1000} s`));
  socket.on('error', (error) => onProblem(`${from}: ${reasonOf(error)}`));
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const copied = chunk.copy(packet, filled, at);
      at += copied;
      filled += copied;
      if (filled < packet.length) return;
      filled = 0;
      const decoded = decodePacket(decrypt(packet));
      if (decoded === null) return drop("can't decrypt what came: wrong password or method?");
      onResult(decoded);
    }
  });
  socket.on('end', () => {
    if (filled > 0) drop(`${filled} bytes are not a packet of ${packet.length}`);
    else socket.end();
  });
  socket.write(encodeInit({ iv, time: Math.floor(Date.now() / 1000) }));
}
