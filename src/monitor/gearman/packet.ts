/**
 * Gearman's binary protocol: a magic of four bytes, type and length as 32-bit numbers (big-endian),
 * arguments with a NUL between them. http://gearman.org/protocol/, and libgearman-server 1.1.20.
 */

export const TYPE = {
  SUBMIT_JOB: 7,
  JOB_CREATED: 8,
  WORK_COMPLETE: 13,
  WORK_FAIL: 14,
  WORK_EXCEPTION: 25,
  ECHO_REQ: 16,
  ECHO_RES: 17,
  SUBMIT_JOB_BG: 18,
  ERROR: 19,
} as const;

/** A packet of the server. */
export interface Packet {
  readonly type: number;
  readonly data: Buffer;
}

const HEAD = 12;
const REQUEST = Buffer.from('\0REQ', 'latin1');
const RESPONSE = Buffer.from('\0RES', 'latin1');
/** A longer answer is invalid: a worker's answer to our probe is one line. */
const LONGEST = 64 * 1024;

/** A request. The last argument may contain NULs. */
export function encodeRequest(type: number, ...args: readonly (string | Buffer)[]): Buffer {
  const parts = args.flatMap((arg, i) => (i === 0 ? [arg] : ['\0', arg]));
  const data = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(HEAD);
  REQUEST.copy(head);
  head.writeUInt32BE(type, 4);
  head.writeUInt32BE(data.length, 8);
  return Buffer.concat([head, data]);
}

/** Splits a stream into packets. */
export class PacketReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The packets that this chunk completes. Throws RangeError where the stream is not Gearman's. */
  read(chunk: Buffer): Packet[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const packets: Packet[] = [];
    for (;;) {
      const head = this.#rest.subarray(0, HEAD);
      const magic = head.subarray(0, RESPONSE.length);
      if (!magic.equals(RESPONSE.subarray(0, magic.length))) throw new RangeError('no such packet');
      if (head.length < HEAD) return packets;
      const length = head.readUInt32BE(8);
      if (length > LONGEST) throw new RangeError('a packet that is too long');
      if (this.#rest.length < HEAD + length) return packets;
      packets.push({
        type: head.readUInt32BE(4),
        data: this.#rest.subarray(HEAD, HEAD + length),
      });
      this.#rest = this.#rest.subarray(HEAD + length);
    }
  }
}
