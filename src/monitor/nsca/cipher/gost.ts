/**
 * GOST 28147-89 as libmcrypt, and so NSCA, has it. Three things there differ from the standard: the
 * block's words are big-endian (the key's are not), the substitution of Schneier's "Applied
 * Cryptography" (2nd edition, 14.1) has its rows in the opposite order, and one of its numbers is
 * wrong: the first row here ends in 2 instead of c.
 */
import type { BlockCipher } from '../cfb8.ts';
import { readBE, readLE, rotateLeft, writeBE } from './words.ts';

/** Row n is for bits 4n to 4n + 3. */
const ROWS = [
  '1fd057a4923e6b82',
  'db413f590ae7682c',
  '4ba0721d36859cfe',
  '6c715fd84a9e03b2',
  '7da1089fe46cb253',
  '581da342efc7609b',
  'eb4c6dfa23810759',
  '4a92d80e6b1c7f53',
];

/** Both nibbles of each byte substituted, and the rotation by 11 done. */
const TABLES = [0, 1, 2, 3].map((n) =>
  Int32Array.from({ length: 256 }, (_, byte) => {
    const low = Number.parseInt(ROWS[2 * n]![byte & 15]!, 16);
    const high = Number.parseInt(ROWS[2 * n + 1]![byte >>> 4]!, 16);
    return rotateLeft((low | (high << 4)) << (8 * n), 11);
  }),
);

export const gost: BlockCipher = {
  keySize: 32,
  blockSize: 8,
  prepare(bytes) {
    const key = Int32Array.from({ length: 8 }, (_, i) => readLE(bytes, 4 * i));
    const [t0, t1, t2, t3] = TABLES as [Int32Array, Int32Array, Int32Array, Int32Array];
    const f = (x: number) =>
      t0[x & 255]! ^ t1[(x >>> 8) & 255]! ^ t2[(x >>> 16) & 255]! ^ t3[x >>> 24]!;
    return (block) => {
      let one = readBE(block, 0);
      let two = readBE(block, 4);
      for (let round = 0; round < 32; round += 2) {
        // The key's words three times forwards, then once backwards.
        const i = round < 24 ? round & 7 : 31 - round;
        two ^= f((one + key[i]!) | 0);
        one ^= f((two + key[round < 24 ? i + 1 : i - 1]!) | 0);
      }
      writeBE(block, 0, two);
      writeBE(block, 4, one);
    };
  },
};
