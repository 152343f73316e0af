/** Twofish (Schneier et al., "Twofish: A 128-Bit Block Cipher", 1998) with keys of 32 bytes. */
import type { BlockCipher } from '../cfb8.ts';
import { readLE, rotateLeft, rotateRight, writeLE } from './words.ts';

/** The four 4-bit tables of which q0 and q1 are made. */
const Q0 = makeQ(['817d6f320b59eca4', 'ecb81235f4a6709d', 'ba5e6d90c8f32471', 'd7f4126e9b3085ca']);
const Q1 = makeQ(['28bdf76e31940ac5', '1e2b4c376da5f908', '4c75169a0ed82b3f', 'b951c3de647f208a']);

/** Which q a byte goes through at each step, first to last; the key's words come in between. */
const STEPS = [
  [Q1, Q1, Q0, Q0, Q1],
  [Q0, Q1, Q1, Q0, Q0],
  [Q0, Q0, Q0, Q1, Q1],
  [Q1, Q0, Q1, Q1, Q0],
] as const;

const MDS = [
  [0x01, 0xef, 0x5b, 0x5b],
  [0x5b, 0xef, 0xef, 0x01],
  [0xef, 0x5b, 0x01, 0xef],
  [0xef, 0x01, 0xef, 0x5b],
] as const;

const RS = [
  [0x01, 0xa4, 0x55, 0x87, 0x5a, 0x58, 0xdb, 0x9e],
  [0xa4, 0x56, 0x82, 0xf3, 0x1e, 0xc6, 0x68, 0xe5],
  [0x02, 0xa1, 0xfc, 0xc1, 0x47, 0xae, 0x3d, 0x19],
  [0xa4, 0x55, 0x87, 0x5a, 0x58, 0xdb, 0x9e, 0x03],
] as const;

function makeQ(rows: readonly string[]): Uint8Array {
  const t = (row: number, x: number) => Number.parseInt(rows[row]![x]!, 16);
  return Uint8Array.from({ length: 256 }, (_, x) => {
    let a = x >>> 4;
    let b = x & 15;
    for (const row of [0, 2]) {
      const sum = a ^ b;
      const mixed = a ^ ((b >>> 1) | ((b & 1) << 3)) ^ ((a << 3) & 15);
      a = t(row, sum);
      b = t(row + 1, mixed);
    }
    return (b << 4) | a;
  });
}

function multiply(a: number, b: number, polynomial: number): number {
  let product = 0;
  for (let x = a, y = b; y > 0; y >>>= 1) {
    if (y & 1) product ^= x;
    x <<= 1;
    if (x & 0x100) x ^= polynomial;
  }
  return product;
}

/** What a byte in this place of a word adds to it, through q and the MDS matrix. */
function column(place: number, byte: number, words: readonly number[]): number {
  const steps = STEPS[place]!;
  let x = byte;
  for (const [i, q] of steps.entries()) {
    x = q[x]!;
    if (i < 4) x ^= (words[3 - i]! >>> (8 * place)) & 255;
  }
  return MDS.reduce((word, row, i) => word | (multiply(row[place]!, x, 0x169) << (8 * i)), 0);
}

/** The function h of four bytes alike, which is all that the key schedule asks of it. */
function h(byte: number, words: readonly number[]): number {
  return [0, 1, 2, 3].reduce((sum, place) => sum ^ column(place, byte, words), 0);
}

export const twofish: BlockCipher = {
  keySize: 32,
  blockSize: 16,
  prepare(key) {
    const even = [0, 2, 4, 6].map((i) => readLE(key, 4 * i));
    const odd = [1, 3, 5, 7].map((i) => readLE(key, 4 * i));
    const s = [3, 2, 1, 0].map((i) => reedSolomon(key.subarray(8 * i, 8 * i + 8)));

    const keys = new Int32Array(40);
    for (let i = 0; i < 20; i++) {
      const a = h(2 * i, even);
      const b = rotateLeft(h(2 * i + 1, odd), 8);
      keys[2 * i] = a + b;
      keys[2 * i + 1] = rotateLeft((a + 2 * b) | 0, 9);
    }
    const [g0, g1, g2, g3] = [0, 1, 2, 3].map((place) =>
      Int32Array.from({ length: 256 }, (_, byte) => column(place, byte, s)),
    ) as [Int32Array, Int32Array, Int32Array, Int32Array];
    const g = (x: number) =>
      g0[x & 255]! ^ g1[(x >>> 8) & 255]! ^ g2[(x >>> 16) & 255]! ^ g3[x >>> 24]!;

    return (block) => {
      let a = readLE(block, 0) ^ keys[0]!;
      let b = readLE(block, 4) ^ keys[1]!;
      let c = readLE(block, 8) ^ keys[2]!;
      let d = readLE(block, 12) ^ keys[3]!;
      for (let round = 8; round < 40; round += 2) {
        const t0 = g(a);
        const t1 = g(rotateLeft(b, 8));
        const newC = rotateRight(c ^ ((t0 + t1 + keys[round]!) | 0), 1);
        const newD = rotateLeft(d, 1) ^ ((t0 + 2 * t1 + keys[round + 1]!) | 0);
        [a, b, c, d] = [newC, newD, a, b];
      }
      writeLE(block, 0, c ^ keys[4]!);
      writeLE(block, 4, d ^ keys[5]!);
      writeLE(block, 8, a ^ keys[6]!);
      writeLE(block, 12, b ^ keys[7]!);
    };
  },
};

function reedSolomon(bytes: Uint8Array): number {
  return RS.reduce((word, row, i) => {
    const sum = row.reduce((x, factor, j) => x ^ multiply(factor, bytes[j]!, 0x14d), 0);
    return word | (sum << (8 * i));
  }, 0);
}
