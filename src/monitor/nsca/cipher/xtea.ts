/** XTEA (Needham and Wheeler, "Tea extensions", 1997), 64 rounds of its two halves. */
import type { BlockCipher } from '../cfb8.ts';
import { readBE, writeBE } from './words.ts';

const DELTA = 0x9e37_79b9;
const CYCLES = 32;

export const xtea: BlockCipher = {
  keySize: 16,
  blockSize: 8,
  prepare(bytes) {
    const key = Int32Array.from({ length: 4 }, (_, i) => readBE(bytes, 4 * i));
    return (block) => {
      let left = readBE(block, 0);
      let right = readBE(block, 4);
      let sum = 0;
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        left = (left + ((((right << 4) ^ (right >>> 5)) + right) ^ (sum + key[sum & 3]!))) | 0;
        sum = (sum + DELTA) | 0;
        right =
          (right + ((((left << 4) ^ (left >>> 5)) + left) ^ (sum + key[(sum >>> 11) & 3]!))) | 0;
      }
      writeBE(block, 0, left);
      writeBE(block, 4, right);
    };
  },
};
