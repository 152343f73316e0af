/**
 * LOKI97 (Brown and Pieprzyk, "Introducing the new LOKI97 Block Cipher", 1998) with keys of 32
 * bytes. The paper's words are big-endian; libmcrypt, and so NSCA, takes them little-endian.
 */
import type { BlockCipher } from '../cfb8.ts';
import { readLE, writeLE } from './words.ts';

/** 64 bits as two words. */
interface Long {
  high: number;
  low: number;
}

const ROUNDS = 16;
/** The golden ratio's fraction, added once more at each step of the key schedule. */
const DELTA: Long = { high: 0x9e37_79b9, low: 0x7f4a_7c15 };

/** The cube of each inverted number of so many bits, in a Galois field; its last eight bits. */
function makeS(bits: number, polynomial: number): Uint8Array {
  const multiply = (a: number, b: number) => {
    let product = 0;
    for (let x = a, y = b; y > 0; y >>>= 1) {
      if (y & 1) product ^= x;
      x <<= 1;
      if (x >>> bits) x ^= polynomial;
    }
    return product;
  };
  return Uint8Array.from({ length: 1 << bits }, (_, i) => {
    const x = i ^ ((1 << bits) - 1);
    return multiply(multiply(x, x), x);
  });
}

const S1 = makeS(13, 0x2911);
const S2 = makeS(11, 0xaa7);

/** The permutation P: where the bits of byte `n` (7 is the highest) of 64 go. */
const P = Array.from({ length: 8 }, (_, n) =>
  Array.from({ length: 256 }, (__, byte): Long => {
    const long = { high: 0, low: 0 };
    for (let bit = 0; bit < 8; bit++) {
      if (((byte >>> bit) & 1) === 0) continue;
      const to = 8 * bit + (7 - n);
      if (to >= 32) long.high |= 1 << (to - 32);
      else long.low |= 1 << to;
    }
    return long;
  }),
);
const PH = P.map((table) => Int32Array.from(table, ({ high }) => high));
const PL = P.map((table) => Int32Array.from(table, ({ low }) => low));

function add(a: Long, b: Long): Long {
  const low = (a.low >>> 0) + (b.low >>> 0);
  return { high: (a.high + b.high + (low > 0xffff_ffff ? 1 : 0)) | 0, low: low | 0 };
}

/** The round function: keyed swap of the halves, expansion, S, P, and S with more of the key. */
function f(a: Long, { high: key, low: swap }: Long): Long {
  const h = (a.high & ~swap) | (a.low & swap);
  const l = (a.low & ~swap) | (a.high & swap);
  const bytes = [
    S1[l & 0x1fff]!,
    S2[(l >>> 8) & 0x7ff]!,
    S1[(l >>> 16) & 0x1fff]!,
    S2[((l >>> 24) | (h << 8)) & 0x7ff]!,
    S2[h & 0x7ff]!,
    S1[(h >>> 8) & 0x1fff]!,
    S2[(h >>> 16) & 0x7ff]!,
    S1[((h >>> 24) | (l << 8)) & 0x1fff]!,
  ];
  let ph = 0;
  let pl = 0;
  for (let n = 0; n < 8; n++) {
    ph |= PH[n]![bytes[n]!]!;
    pl |= PL[n]![bytes[n]!]!;
  }
  return {
    high:
      (S2[((ph >>> 24) & 0xff) | ((key >>> 21) & 0x700)]! << 24) |
      (S2[((ph >>> 16) & 0xff) | ((key >>> 18) & 0x700)]! << 16) |
      (S1[((ph >>> 8) & 0xff) | ((key >>> 13) & 0x1f00)]! << 8) |
      S1[(ph & 0xff) | ((key >>> 8) & 0x1f00)]!,
    low:
      (S2[((pl >>> 24) & 0xff) | ((key >>> 5) & 0x700)]! << 24) |
      (S2[((pl >>> 16) & 0xff) | ((key >>> 2) & 0x700)]! << 16) |
      (S1[((pl >>> 8) & 0xff) | ((key << 3) & 0x1f00)]! << 8) |
      S1[(pl & 0xff) | ((key << 8) & 0x1f00)]!,
  };
}

export const loki97: BlockCipher = {
  keySize: 32,
  blockSize: 16,
  prepare(key) {
    const keys = schedule(key);
    return (block) => {
      let left: Long = { high: readLE(block, 0), low: readLE(block, 4) };
      let right: Long = { high: readLE(block, 8), low: readLE(block, 12) };
      for (let i = 0; i < 3 * ROUNDS; i += 3) {
        const sum = add(right, keys[i]!);
        const mixed = f(sum, keys[i + 1]!);
        right = { high: left.high ^ mixed.high, low: left.low ^ mixed.low };
        left = add(sum, keys[i + 2]!);
      }
      writeLE(block, 0, right.high);
      writeLE(block, 4, right.low);
      writeLE(block, 8, left.high);
      writeLE(block, 12, left.low);
    };
  },
};

function schedule(key: Uint8Array): Long[] {
  let [k4, k3, k2, k1] = [0, 8, 16, 24].map((at) => ({
    high: readLE(key, at),
    low: readLE(key, at + 4),
  })) as [Long, Long, Long, Long];
  const keys: Long[] = [];
  let sum: Long = { high: 0, low: 0 };
  for (let i = 0; i < 3 * ROUNDS; i++) {
    sum = add(sum, DELTA);
    const mixed = f(add(add(k1, k3), sum), k2);
    [k4, k3, k2, k1] = [k3, k2, k1, { high: k4.high ^ mixed.high, low: k4.low ^ mixed.low }];
    keys.push(k1);
  }
  return keys;
}
