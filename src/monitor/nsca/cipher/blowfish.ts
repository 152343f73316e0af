/** Blowfish (Schneier, Fast Software Encryption 1993) with keys of 56 bytes. */
import type { BlockCipher } from '../cfb8.ts';
import { readBE, writeBE } from './words.ts';

const ROUNDS = 16;
const WORDS = ROUNDS + 2 + 4 * 256;

/** The cipher starts from the digits of pi: so many 32-bit words of its fraction. */
function fractionOfPi(words: number): Int32Array {
  const guard = 64n;
  const scale = BigInt(32 * words) + guard;
  /** arctan(1 / x), scaled. */
  const arctan = (x: bigint) => {
    let power = (1n << scale) / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctan(5n) - arctan(239n));
  const digits = ((pi - (3n << scale)) >> guard).toString(16).padStart(8 * words, '0');
  return Int32Array.from({ length: words }, (_, i) =>
    Number.parseInt(digits.slice(8 * i, 8 * i + 8), 16),
  );
}

let pi: Int32Array | undefined;

export const blowfish: BlockCipher = {
  keySize: 56,
  blockSize: 8,
  prepare(key) {
    pi ??= fractionOfPi(WORDS);
    const p = pi.slice(0, ROUNDS + 2);
    const s = pi.slice(ROUNDS + 2);
    const f = (x: number) =>
      (((s[x >>> 24]! + s[256 + ((x >>> 16) & 255)]!) ^ s[512 + ((x >>> 8) & 255)]!) +
        s[768 + (x & 255)]!) |
      0;
    const encrypt = (block: Uint8Array) => {
      let left = readBE(block, 0);
      let right = readBE(block, 4);
      for (let round = 0; round < ROUNDS; round += 2) {
        left ^= p[round]!;
        right ^= f(left) ^ p[round + 1]!;
        left ^= f(right);
      }
      writeBE(block, 0, right ^ p[ROUNDS + 1]!);
      writeBE(block, 4, left ^ p[ROUNDS]!);
    };
    for (let i = 0; i < p.length; i++) {
      const word = [0, 1, 2, 3].reduce((w, j) => (w << 8) | key[(4 * i + j) % key.length]!, 0);
      p[i]! ^= word;
    }
    const block = new Uint8Array(8);
    for (const table of [p, s]) {
      for (let i = 0; i < table.length; i += 2) {
        encrypt(block);
        table[i] = readBE(block, 0);
        table[i + 1] = readBE(block, 4);
      }
    }
    return encrypt;
  },
};
