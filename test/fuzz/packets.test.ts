import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import type { NscaSettings } from '../../src/monitor/nsca/config.ts';
import { MonitorError } from '../../src/monitor/error.ts';
import { loadMethod } from '../../src/monitor/nsca/cipher.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import {
  decodeInit,
  decodePacket,
  encodeInit,
  encodePacket,
  INIT_SIZE,
  packetSize,
  type Packet,
} from '../../src/monitor/nsca/packet.ts';
import { createReceiver } from '../../src/monitor/nsca/receiver.ts';
import { until } from '../support/until.ts';
import { campaign } from './campaign.ts';
import { mutator, ROOM } from './mutate.ts';
import { sendAll } from '../support/session.ts';

type Random = (below: number) => number;

const PASSWORD = Buffer.from('secret');
const PACKET = { time: 1_795_386_233, host: 'gw', service: 'TCP Wrappers', state: 2 } as const;
const samples = ['Denied sshd-192.0.2.1', '', 'x'.repeat(500)].flatMap((output) =>
  ([4096, 512] as const).map((size) => encodePacket({ ...PACKET, output }, size)),
);
const space = Buffer.alloc(ROOM);

/** A changed packet of the right size, most often with the checksum that belongs to it. */
function packet(random: Random, mutate: ReturnType<typeof mutator>): Buffer {
  const end = mutate(random, space, 0);
  const bytes = Buffer.from(space.subarray(0, packetSize(random(2) === 0 ? 4096 : 512)));
  if (end < bytes.length) bytes.fill(random(256), end);
  if (random(4) > 0) bytes.writeInt16BE(3, 0);
  if (random(4) > 0) bytes.writeInt16BE(random(4), 12);
  if (random(8) > 0) {
    bytes.writeUInt32BE(0, 4);
    bytes.writeUInt32BE(crc32(bytes), 4);
  }
  return bytes;
}

test('whatever a packet holds, it is read as a result within its fields, or as none', async (t) => {
  const mutate = mutator(samples);
  let read = 0;
  await campaign(t, {
    share: 0.05,
    round: 32,
    play: (random) => {
      for (let n = 0; n < 32; n++) {
        const bytes = packet(random, mutate);
        const before = Buffer.from(bytes);
        const found = decodePacket(bytes);
        assert.ok(bytes.equals(before));
        if (found === null) continue;
        read++;
        assert.ok([0, 1, 2, 3].includes(found.state));
        assert.ok(found.host.length < 64 && found.service.length < 128);
        assert.ok(found.output.length < bytes.length - 206);
        for (const text of [found.host, found.service, found.output])
          assert.ok(!text.includes('\0'));
      }
    },
  });
  t.diagnostic(`${read} of them were results`);
});

async function listening(t: test.TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** Writes pieces to the receiver when it has greeted, and leaves in some way; over when closed. */
function visit(port: number, random: Random, message: (iv: Buffer) => Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let greeting = Buffer.alloc(0);
    socket.on('error', () => {}).on('close', () => resolve());
    socket.on('data', (chunk) => {
      if (greeting.length >= INIT_SIZE) return;
      greeting = Buffer.concat([greeting, chunk as Buffer]);
      if (greeting.length < INIT_SIZE) return;
      const bytes = message(decodeInit(greeting).iv);
      const cut = random(bytes.length + 1);
      socket.write(bytes.subarray(0, cut));
      setImmediate(() => {
        socket.write(bytes.subarray(cut));
        if (random(3) === 0) socket.resetAndDestroy();
        else socket.end();
      });
    });
  });
}

test('whatever clients send, the receiver goes on and takes the results of others', async (t) => {
  const encrypting = await loadMethod(1);
  const results: Packet[] = [];
  const problems: string[] = [];
  const server = await createReceiver({
    method: 1,
    password: PASSWORD,
    outputSize: 4096,
    onResult: (result) => void results.push(result),
    onProblem: (message) => void problems.push(message),
  });
  const port = await listening(t, server);
  const mutate = mutator(samples);
  await campaign(t, {
    share: 0.002,
    round: 20,
    play: async (random) => {
      results.length = problems.length = 0;
      const visits = Array.from({ length: 20 }, () =>
        visit(port, random, (iv) => {
          const bytes = Buffer.concat(
            Array.from({ length: random(4) }, () => packet(random, mutate)),
          );
          return random(4) === 0 ? bytes : encrypting(PASSWORD, iv, 'encrypt')(bytes);
        }),
      );
      await Promise.all(visits);
      for (const { host, output } of results)
        assert.ok(!host.includes('\0') && !output.includes('\0'));
      const good = encodePacket({ ...PACKET, host: 'good', output: `${random(1e9)}` }, 4096);
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1').on('close', () => resolve());
        socket.once('data', (greeting) => {
          const { iv } = decodeInit(greeting as Buffer);
          socket.end(encrypting(PASSWORD, iv, 'encrypt')(good));
        });
      });
      assert.equal(results.at(-1)?.host, 'good');
    },
  });
  await until('the last of them to be gone', () =>
    connections(server).then((count) => count === 0),
  );
});

const connections = (server: Server) =>
  new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));

/** A daemon that says anything: part of a greeting, too much, at once or in pieces; and leaves. */
function hostileDaemon(random: Random): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}).resume();
    const init = encodeInit({ iv: Buffer.alloc(128, random(256)), time: random(2 ** 31) });
    const size = [0, 1, 131, 132, 132, 132, 133, 5000][random(8)]!;
    const greeting = Buffer.concat([init, Buffer.alloc(5000, random(256))]).subarray(0, size);
    const cut = random(size + 1);
    socket.write(greeting.subarray(0, cut));
    setTimeout(() => {
      if (socket.destroyed) return;
      socket.write(greeting.subarray(cut));
      const wait = [0, 5, 40, 100][random(4)]!;
      setTimeout(() => {
        if (random(3) === 0) socket.write(Buffer.alloc(1 + random(300), 'x'));
        if (random(3) === 0) socket.resetAndDestroy();
        else socket.end();
      }, wait);
    }, random(5));
  });
}

test('whatever a daemon says, a session with it ends well or with a reason', async (t) => {
  const result = { at: Date.now(), host: 'gw', service: 's', state: 2, output: 'Denied' } as const;
  const reasons = new Map<string, number>();
  await campaign(t, {
    share: 0.0005,
    round: 30,
    play: async (random) => {
      const server = hostileDaemon(random);
      const port = await listening(t, server);
      const config: NscaSettings = {
        kind: 'nsca',
        name: 'm',
        host: '127.0.0.1',
        port,
        method: 1,
        password: PASSWORD,
        outputSize: 4096,
        timeout: 1000,
        sourceAddress: null,
      };
      const sessions = Array.from({ length: 30 }, async () => {
        try {
          const session = await openNsca(config).open(AbortSignal.timeout(300_000));
          await sendAll(
            session,
            Array.from({ length: 1 + random(20) }, () => result),
          );
          await session.finish();
          return 'taken';
        } catch (error) {
          assert.ok(error instanceof MonitorError, String((error as Error).stack));
          return error.kind;
        }
      });
      for (const reason of await Promise.all(sessions)) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    },
  });
  t.diagnostic([...reasons].map(([kind, count]) => `${kind} ${count}`).join(', '));
});
