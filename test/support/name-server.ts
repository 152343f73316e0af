/** A name server on loopback that answers as configured, for a process that has no other. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Silence, an error, or an answer after so many milliseconds. */
export type Behaviour = 'silent' | 'fails' | number;

export interface NameServer {
  behaviour: Behaviour;
  /** Command and arguments that run a program with this name server alone. */
  readonly run: readonly string[];
}

const HEADER = 12;
const A = 1;
const NO_ERROR = 0x8180;
const SERVER_FAILURE = 0x8182;
/** A pointer to the question's name, type A, class IN, a minute to live, four bytes: 127.0.0.1. */
const LOOPBACK = Buffer.from('c00c000100010000003c00047f000001', 'hex');

/** @param address of 127.0.0.0/8: each test has one of its own */
export async function nameServer(
  t: TestContext,
  dir: string,
  address: string,
): Promise<NameServer> {
  const file = join(dir, 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\noptions timeout:30 attempts:5\n`);
  const mount = `mount --bind ${file} "$(realpath /etc/resolv.conf)" && exec "$@"`;
  const run = ['unshare', '--mount', 'sh', '-c', mount, 'sh'];
  const server: NameServer = { behaviour: 'silent', run };
  const socket = createSocket('udp4', (query, from) => {
    const { behaviour } = server;
    if (behaviour === 'silent') return;
    const reply = behaviour === 'fails' ? answer(query, SERVER_FAILURE) : answer(query, NO_ERROR);
    const send = () => socket.send(reply, from.port, from.address, () => {});
    setTimeout(send, behaviour === 'fails' ? 0 : behaviour).unref();
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  t.after(() => socket.close());
  return server;
}

function answer(query: Buffer, flags: number): Buffer {
  const end = query.indexOf(0, HEADER) + 5;
  const found = flags === NO_ERROR && query.readUInt16BE(end - 4) === A;
  const header = Buffer.alloc(HEADER);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found ? 1 : 0, 6);
  const parts = [header, query.subarray(HEADER, end)];
  return Buffer.concat(found ? [...parts, LOOPBACK] : parts);
}
