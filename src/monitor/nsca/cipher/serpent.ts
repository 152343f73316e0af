/** Serpent (Anderson, Biham, Knudsen, 1998) with keys of 32 bytes, bit-sliced. */
import type { BlockCipher } from '../cfb8.ts';
import { readLE, rotateLeft, writeLE } from './words.ts';

const ROUNDS = 32;

/**
 * The S-boxes on four words at once, 32 nibbles: each output bit in its algebraic normal form, the
 * exclusive or of products of input bits.
 */
const S: readonly ((x: Int32Array) => void)[] = [
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const abc = ab & c;
    const acd = ac & d;
    const bcd = bc & d;
    x[0] = ~(a ^ c ^ d ^ ab ^ ac ^ bc ^ abc ^ acd ^ bcd);
    x[1] = ~(a ^ ac ^ bc ^ bd ^ abc ^ acd ^ bcd);
    x[2] = b ^ d ^ ab ^ ac ^ bd ^ abc ^ bcd;
    x[3] = a ^ b ^ c ^ d ^ ad;
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abd = ab & d;
    const acd = ac & d;
    const bcd = bc & d;
    x[0] = ~(a ^ b ^ ad ^ bc ^ cd ^ acd ^ bcd);
    x[1] = ~(a ^ c ^ d ^ ab ^ ac ^ bd ^ abd ^ acd ^ bcd);
    x[2] = ~(b ^ c ^ d ^ ab);
    x[3] = ~(b ^ d ^ ac ^ ad ^ abd ^ acd ^ bcd);
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abc = ab & c;
    const abd = ab & d;
    const acd = ac & d;
    x[0] = b ^ c ^ d ^ ac;
    x[1] = a ^ b ^ c ^ ad ^ bc ^ cd ^ abc ^ abd ^ acd;
    x[2] = a ^ b ^ d ^ bc ^ bd ^ cd ^ abd ^ acd;
    x[3] = ~(a ^ b ^ c ^ bd ^ abc);
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abc = ab & c;
    const abd = ab & d;
    const acd = ac & d;
    const bcd = bc & d;
    x[0] = a ^ b ^ d ^ ad ^ bc ^ cd ^ acd ^ bcd;
    x[1] = a ^ b ^ ac ^ ad ^ cd ^ abd ^ acd;
    x[2] = a ^ c ^ d ^ ab ^ bd ^ abc ^ abd;
    x[3] = a ^ b ^ c ^ d ^ ab ^ ac ^ cd ^ abc ^ acd;
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abc = ab & c;
    const abd = ab & d;
    const acd = ac & d;
    const bcd = bc & d;
    x[0] = ~(b ^ c ^ d ^ ab ^ ad ^ bd);
    x[1] = a ^ d ^ ac ^ bc ^ bd ^ cd ^ acd ^ bcd;
    x[2] = a ^ c ^ ab ^ bc ^ bd ^ cd ^ abc ^ abd ^ bcd;
    x[3] = a ^ b ^ c ^ ad ^ bc ^ bd ^ abd;
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abc = ab & c;
    const abd = ab & d;
    const acd = ac & d;
    const bcd = bc & d;
    x[0] = ~(b ^ c ^ d ^ ab ^ ad ^ bd);
    x[1] = ~(a ^ c ^ d ^ ab ^ bd ^ cd ^ abd);
    x[2] = ~(b ^ d ^ ac ^ cd ^ abd ^ acd ^ bcd);
    x[3] = ~(a ^ b ^ c ^ d ^ ad ^ abc ^ acd);
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abc = ab & c;
    const abd = ab & d;
    const bcd = bc & d;
    x[0] = ~(a ^ b ^ c ^ d ^ ac ^ bc ^ abc ^ abd ^ bcd);
    x[1] = ~(b ^ c ^ ad);
    x[2] = ~(a ^ c ^ ab ^ bc ^ bd ^ cd ^ abc ^ abd ^ bcd);
    x[3] = b ^ c ^ d ^ ab ^ ac ^ cd ^ abc ^ bcd;
  },
  (x) => {
    const [a, b, c, d] = [x[0]!, x[1]!, x[2]!, x[3]!];
    const ab = a & b;
    const ac = a & c;
    const ad = a & d;
    const bc = b & c;
    const bd = b & d;
    const cd = c & d;
    const abc = ab & c;
    const abd = ab & d;
    const acd = ac & d;
    const bcd = bc & d;
    x[0] = ~(c ^ ab ^ ad ^ bd ^ cd ^ acd ^ bcd);
    x[1] = b ^ c ^ d ^ ab ^ ac ^ ad ^ bc ^ abd ^ acd;
    x[2] = a ^ b ^ c ^ d ^ ad ^ bd ^ abc ^ abd ^ bcd;
    x[3] = a ^ b ^ c ^ ac ^ ad ^ abc;
  },
];

export const serpent: BlockCipher = {
  keySize: 32,
  blockSize: 16,
  prepare(key) {
    const keys = schedule(key);
    const x = new Int32Array(4);
    const addKey = (round: number) => {
      for (let i = 0; i < 4; i++) x[i]! ^= keys[4 * round + i]!;
    };
    return (block) => {
      for (let i = 0; i < 4; i++) x[i] = readLE(block, 4 * i);
      for (let round = 0; round < ROUNDS; round++) {
        addKey(round);
        S[round % 8]!(x);
        if (round < ROUNDS - 1) mix(x);
      }
      addKey(ROUNDS);
      for (let i = 0; i < 4; i++) writeLE(block, 4 * i, x[i]!);
    };
  },
};

/** The linear transformation. */
function mix(x: Int32Array): void {
  const a = rotateLeft(x[0]!, 13);
  const c = rotateLeft(x[2]!, 3);
  const b = rotateLeft(x[1]! ^ a ^ c, 1);
  const d = rotateLeft(x[3]! ^ c ^ (a << 3), 7);
  x[0] = rotateLeft(a ^ b ^ d, 5);
  x[1] = b;
  x[2] = rotateLeft(c ^ d ^ (b << 7), 22);
  x[3] = d;
}

function schedule(key: Uint8Array): Int32Array {
  const words = 4 * (ROUNDS + 1);
  const w = new Int32Array(8 + words);
  for (let i = 0; i < 8; i++) w[i] = readLE(key, 4 * i);
  for (let i = 8; i < w.length; i++) {
    w[i] = rotateLeft(w[i - 8]! ^ w[i - 5]! ^ w[i - 3]! ^ w[i - 1]! ^ 0x9e37_79b9 ^ (i - 8), 11);
  }
  for (let round = 0; round <= ROUNDS; round++) {
    S[(ROUNDS + 3 - round) % 8]!(w.subarray(8 + 4 * round, 12 + 4 * round));
  }
  return w.subarray(8);
}
