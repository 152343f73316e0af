import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import * as fc from '../../support/fast-check.ts';
import {
  decodeInit,
  decodePacket,
  encodeInit,
  encodePacket,
  packetSize,
} from '../../../src/monitor/nsca/packet.ts';

const PACKET = { time: 0x6531_2a80, host: 'h', service: 's', state: 2, output: 'ö' } as const;

void test('the fields are where nsca 2.9 and later expects them', () => {
  const bytes = encodePacket(PACKET, 4096);
  assert.equal(bytes.length, 4304);
  assert.equal(bytes.readInt16BE(0), 3);
  assert.equal(bytes.readUInt32BE(8), PACKET.time);
  assert.equal(bytes.readInt16BE(12), 2);
  assert.equal(bytes.toString('latin1', 14, 16), 'h\0');
  assert.equal(bytes.toString('latin1', 78, 80), 's\0');
  assert.equal(bytes.toString('latin1', 206, 209), '\xc3\xb6\0');
  const crc = bytes.readUInt32BE(4);
  bytes.writeUInt32BE(0, 4);
  assert.equal(crc, crc32(bytes));
});

void test('the old form has 720 bytes', () => {
  assert.equal(encodePacket(PACKET, 512).length, 720);
  assert.equal(packetSize(512), 720);
});

void test('what is behind a text does not repeat, so that it gives nothing away', () => {
  const [one, two] = [encodePacket(PACKET, 4096), encodePacket(PACKET, 4096)];
  assert.notDeepEqual(one.subarray(300), two.subarray(300));
});

/** Texts that a field of so many bytes takes. */
function text(size: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'binary', maxLength: size })
    .filter((s) => !s.includes('\0') && s.isWellFormed() && Buffer.byteLength(s) < size);
}

void test('a packet is read as it was written', () => {
  const packets = fc.record(
    {
      time: fc.nat(),
      host: text(64),
      service: text(128),
      state: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      output: text(512),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(packets, fc.constantFrom(512 as const, 4096 as const), (packet, size) => {
      assert.deepEqual(decodePacket(encodePacket(packet, size)), packet);
    }),
  );
});

void test('a packet with any byte changed is none', () => {
  const bytes = encodePacket(PACKET, 512);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= change;
      // The two bytes of padding after the version count as well.
      assert.equal(decodePacket(damaged), null);
    }),
  );
});

void test('a text too long for its field is an error, never cut unseen', () => {
  assert.throws(() => encodePacket({ ...PACKET, host: 'h'.repeat(64) }, 4096), RangeError);
  assert.throws(() => encodePacket({ ...PACKET, output: 'o'.repeat(512) }, 512), RangeError);
});

void test('the init packet is 128 bytes of IV and the time', () => {
  const iv = Buffer.from(Array.from({ length: 128 }, (_, i) => i));
  const bytes = encodeInit({ iv, time: 0xfedc_ba98 });
  assert.equal(bytes.length, 132);
  assert.deepEqual(decodeInit(bytes), { iv, time: 0xfedc_ba98 });
});
