/** CAST-128 (RFC 2144) with keys of 16 bytes. */
import type { BlockCipher } from '../cfb8.ts';
import { S1, S2, S3, S4, S5, S6, S7, S8 } from './cast-tables.ts';
import { readBE, rotateLeft, writeBE } from './words.ts';

export const cast128: BlockCipher = {
  keySize: 16,
  blockSize: 8,
  prepare(key) {
    const { mask, rotation } = schedule(key);
    return (block) => {
      let left = readBE(block, 0);
      let right = readBE(block, 4);
      for (let i = 0; i < 16; i++) {
        const next = left ^ round(i % 3, mask[i]!, rotation[i]!, right);
        left = right;
        right = next;
      }
      writeBE(block, 0, right);
      writeBE(block, 4, left);
    };
  },
};

/** The round functions f1, f2 and f3 of the RFC, which CAST-256 shares. */
export function round(type: number, mask: number, rotation: number, data: number): number {
  if (type === 0) {
    const i = rotateLeft((mask + data) | 0, rotation);
    return ((S1[i >>> 24]! ^ S2[(i >>> 16) & 255]!) - S3[(i >>> 8) & 255]! + S4[i & 255]!) | 0;
  }
  if (type === 1) {
    const i = rotateLeft(mask ^ data, rotation);
    return ((S1[i >>> 24]! - S2[(i >>> 16) & 255]! + S3[(i >>> 8) & 255]!) ^ S4[i & 255]!) | 0;
  }
  const i = rotateLeft((mask - data) | 0, rotation);
  return (((S1[i >>> 24]! + S2[(i >>> 16) & 255]!) ^ S3[(i >>> 8) & 255]!) - S4[i & 255]!) | 0;
}

/**
 * Which bytes of the other half make each word, as the RFC lists them: the word that it starts
 * from, the bytes for S5 to S8, and the byte and box of the last term.
 */
const FROM_X = [
  [0, 13, 15, 12, 14, 8],
  [8, 0, 2, 1, 3, 10],
  [12, 7, 6, 5, 4, 9],
  [4, 10, 9, 11, 8, 11],
] as const;
const FROM_Z = [
  [8, 5, 7, 4, 6, 0],
  [0, 0, 2, 1, 3, 2],
  [4, 7, 6, 5, 4, 1],
  [12, 10, 9, 11, 8, 3],
] as const;

/** The bytes that make each subkey: for S5 to S8, and for the fifth box, S5 to S8 in turn. */
const SUBKEYS = [
  [8, 9, 7, 6, 2],
  [10, 11, 5, 4, 6],
  [12, 13, 3, 2, 9],
  [14, 15, 1, 0, 12],
  [3, 2, 12, 13, 8],
  [1, 0, 14, 15, 13],
  [7, 6, 8, 9, 3],
  [5, 4, 10, 11, 7],
  [3, 2, 12, 13, 9],
  [1, 0, 14, 15, 12],
  [7, 6, 8, 9, 2],
  [5, 4, 10, 11, 6],
  [8, 9, 7, 6, 3],
  [10, 11, 5, 4, 7],
  [12, 13, 3, 2, 8],
  [14, 15, 1, 0, 13],
] as const;

const LAST = [S7, S8, S5, S6];
const FIFTH = [S5, S6, S7, S8];

function schedule(key: Uint8Array): { mask: Int32Array; rotation: Uint8Array } {
  const x = Uint8Array.from(key);
  const z = new Uint8Array(16);
  const words = new Int32Array(32);
  for (let half = 0; half < 32; half += 4) {
    const [to, from, rows] = half % 8 === 0 ? [z, x, FROM_X] : [x, z, FROM_Z];
    for (const [i, [start, a, b, c, d, last]] of rows.entries()) {
      // After its first word, each half is made from what it has itself so far.
      const bytes = i === 0 ? from : to;
      const sum = S5[bytes[a]!]! ^ S6[bytes[b]!]! ^ S7[bytes[c]!]! ^ S8[bytes[d]!]!;
      writeBE(to, 4 * i, readBE(from, start) ^ sum ^ LAST[i]![from[last]!]!);
    }
    for (let i = 0; i < 4; i++) {
      const [a, b, c, d, e] = SUBKEYS[(half + i) % 16]!;
      words[half + i] = S5[to[a]!]! ^ S6[to[b]!]! ^ S7[to[c]!]! ^ S8[to[d]!]! ^ FIFTH[i]![to[e]!]!;
    }
  }
  return { mask: words.slice(0, 16), rotation: Uint8Array.from(words.slice(16), (w) => w & 31) };
}
