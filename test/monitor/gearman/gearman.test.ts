import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import fc from '../../support/fast-check.ts';
import { encodeRequest, PacketReader, TYPE } from '../../../src/monitor/gearman/packet.ts';
import { keyFrom } from '../../../src/monitor/gearman/key.ts';
import { payloadOf } from '../../../src/monitor/gearman/payload.ts';
import { critical } from '../../delivery/memory-outbox.ts';

/** What openssl makes of a payload, with the zeros at its end. */
function decrypted(payload: Buffer, key: string): string {
  const hex = Buffer.from(key).toString('hex').padEnd(64, '0');
  const args = ['enc', '-d', '-a', '-A', '-aes-256-ecb', '-nopad', '-K', hex];
  return execFileSync('openssl', args, { input: payload }).toString();
}

test('a payload is what openssl reads with the key, and ends in zeros to the end of a block', () => {
  const result = { ...critical('x'), at: 1_795_382_100_007 };
  for (const length of [0, 1, 7, 8, 15, 16, 17]) {
    const output = 'x'.repeat(length);
    const text = decrypted(payloadOf(result, output, keyFrom(Buffer.from('secret'))), 'secret');
    assert.match(text, new RegExp(`^type=passive\n[^\\0]*\noutput=x{${length}}\n\n\\0{1,16}$`));
    assert.equal(text.length % 16, 0);
  }
});

test('of a key the first 32 bytes count', () => {
  assert.deepEqual(keyFrom(Buffer.from('k'.repeat(40))), Buffer.from('k'.repeat(32)));
  assert.deepEqual(keyFrom(Buffer.from('k')), Buffer.concat([Buffer.from('k'), Buffer.alloc(31)]));
});

test('no value but the last can be empty, and no output begins a line', () => {
  for (const output of ['', 'two\nhost_name=other', '\\n', 'a\\\\n']) {
    const text = Buffer.from(
      payloadOf(critical(output), output, null).toString(),
      'base64',
    ).toString();
    const lines = text.split('\n');
    assert.equal(lines.length, 11, text);
    assert.ok(lines.slice(0, -3).every((line) => /^\w+=./.test(line)));
  }
});

test('packets are read whole, however they are cut', () => {
  const packets = [
    { type: TYPE.JOB_CREATED, data: Buffer.from('H:host:1') },
    { type: TYPE.ECHO_RES, data: Buffer.alloc(0) },
    { type: TYPE.ERROR, data: Buffer.from('code\0text') },
  ];
  const stream = Buffer.concat(
    packets.map(({ type, data }) => {
      const bytes = encodeRequest(type, data);
      bytes.write('\0RES', 0, 'latin1');
      return bytes;
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
      const reader = new PacketReader();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const read = edges.slice(1).flatMap((end, i) => reader.read(stream.subarray(edges[i], end)));
      assert.deepEqual(read, packets);
    }),
  );
});

test('what is no packet, or would be too long, is refused at once', () => {
  for (const text of ['HTTP', '\0REQ', '\0RES\0\0\0\x11\x00\x01\x00\x01', 'x']) {
    assert.throws(() => new PacketReader().read(Buffer.from(text, 'latin1')), RangeError);
  }
});
