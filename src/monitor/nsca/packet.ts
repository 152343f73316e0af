/**
 * NSCA's packets, version 3. All integers are big-endian. The form is that of nsca 2.9 and later;
 * `outputSize` 512 is that of the daemons before.
 */
import { randomFillSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { State } from '../../result/check-result.ts';

/** Size of the output field: 4096 since nsca 2.9, 512 before. */
export type OutputSize = 4096 | 512;

/** What the server sends first: 128 random bytes that initialise the encryption, and its time. */
export interface Init {
  readonly iv: Buffer;
  /** The server's clock, seconds since 1970. */
  readonly time: number;
}

/** A packet's fields. An empty service means a host check. */
export interface Packet {
  /** The time of the server's init packet, echoed; old daemons drop packets that are 30 s old. */
  readonly time: number;
  readonly host: string;
  readonly service: string;
  readonly state: State;
  readonly output: string;
}

export const INIT_SIZE = 132;

const VERSION = 3;
const CRC = 4;
const TIME = 8;
const STATE = 12;
const HOST = { at: 14, size: 64 };
const SERVICE = { at: 78, size: 128 };
const OUTPUT = 206;

/** Bytes of a packet: 4304, or 720 in the old form. */
export function packetSize(outputSize: OutputSize): number {
  return OUTPUT + outputSize + 2;
}

/** Reads an init packet of INIT_SIZE bytes. */
export function decodeInit(bytes: Buffer): Init {
  return { iv: Buffer.from(bytes.subarray(0, 128)), time: bytes.readUInt32BE(128) };
}

/** The reverse, for a receiver. */
export function encodeInit({ iv, time }: Init): Buffer {
  const bytes = Buffer.alloc(INIT_SIZE);
  iv.copy(bytes);
  bytes.writeUInt32BE(time, 128);
  return bytes;
}

/** The packet before encryption. Throws RangeError where a text does not fit its field. */
export function encodePacket(packet: Packet, outputSize: OutputSize): Buffer {
  const bytes = randomFillSync(Buffer.allocUnsafe(packetSize(outputSize)));
  bytes.writeInt16BE(VERSION, 0);
  bytes.writeUInt32BE(0, CRC);
  bytes.writeUInt32BE(packet.time, TIME);
  bytes.writeInt16BE(packet.state, STATE);
  writeText(bytes, HOST.at, HOST.size, packet.host);
  writeText(bytes, SERVICE.at, SERVICE.size, packet.service);
  writeText(bytes, OUTPUT, outputSize, packet.output);
  bytes.writeUInt32BE(crc32(bytes), CRC);
  return bytes;
}

/** Reads a decrypted packet; null where version, checksum or state are wrong. */
export function decodePacket(packet: Buffer): Packet | null {
  const bytes = Buffer.from(packet);
  const crc = bytes.readUInt32BE(CRC);
  bytes.writeUInt32BE(0, CRC);
  if (bytes.readInt16BE(0) !== VERSION || crc32(bytes) !== crc) return null;
  const state = bytes.readInt16BE(STATE);
  if (state !== 0 && state !== 1 && state !== 2 && state !== 3) return null;
  return {
    time: bytes.readUInt32BE(TIME),
    host: readText(bytes, HOST.at, HOST.size),
    service: readText(bytes, SERVICE.at, SERVICE.size),
    state,
    output: readText(bytes, OUTPUT, bytes.length - OUTPUT - 2),
  };
}

function writeText(bytes: Buffer, at: number, size: number, text: string): void {
  const length = Buffer.byteLength(text);
  if (length >= size) throw new RangeError(`a text of ${length} bytes in a field of ${size}`);
  bytes.write(text, at);
  bytes[at + length] = 0;
}

function readText(bytes: Buffer, at: number, size: number): string {
  const field = bytes.subarray(at, at + size);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? size - 1 : end);
}
