/**
 * Rijndael with keys of 32 bytes and the block sizes that AES left out, 24 and 32 bytes (Daemen
 * and Rijmen, "AES Proposal: Rijndael", 1999). With blocks of 16 it is AES-256.
 */
import type { BlockCipher } from '../cfb8.ts';
import { readBE, rotateRight, writeBE } from './words.ts';

const KEY_WORDS = 8;

function double(x: number): number {
  return (x << 1) ^ (x & 0x80 ? 0x11b : 0);
}

/** The inverse in GF(2^8), then the affine transformation. */
function makeSubstitution(): Uint8Array {
  const s = new Uint8Array(256);
  // 3 generates all elements; 0xf6 is its inverse, so p and q are inverse at each step.
  let p = 1;
  let q = 1;
  do {
    p = p ^ double(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 255;
    if (q & 0x80) q ^= 0x09;
    const turn = (bits: number) => (q << bits) | (q >>> (8 - bits));
    s[p] = q ^ turn(1) ^ turn(2) ^ turn(3) ^ turn(4) ^ 0x63;
  } while (p !== 1);
  s[0] = 0x63;
  return s;
}

const S = makeSubstitution();
/** Substitution and column mixing of a column's first byte; the others are rotations of it. */
const T = Int32Array.from(S, (s) => {
  const twice = double(s);
  return (twice << 24) | (s << 16) | (s << 8) | (twice ^ s);
});

/** The cipher with blocks of this size, in bytes. */
export function rijndael(blockSize: 16 | 24 | 32): BlockCipher {
  const columns = blockSize / 4;
  const rounds = Math.max(KEY_WORDS, columns) + 6;
  const shifts = columns === 8 ? [0, 1, 3, 4] : [0, 1, 2, 3];
  /** From which column the byte of each row comes. */
  const from = shifts.map((shift) =>
    Uint8Array.from({ length: columns }, (_, column) => (column + shift) % columns),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

  return {
    keySize: 4 * KEY_WORDS,
    blockSize,
    prepare(key) {
      const keys = expand(key, columns * (rounds + 1));
      let state = new Int32Array(columns);
      let next = new Int32Array(columns);
      const [, f1, f2, f3] = from;
      return (block) => {
        for (let c = 0; c < columns; c++) state[c] = readBE(block, 4 * c) ^ keys[c]!;
        for (let round = 1; round < rounds; round++) {
          for (let c = 0; c < columns; c++) {
            next[c] =
              T[state[c]! >>> 24]! ^
              rotateRight(T[(state[f1[c]!]! >>> 16) & 255]!, 8) ^
              rotateRight(T[(state[f2[c]!]! >>> 8) & 255]!, 16) ^
              rotateRight(T[state[f3[c]!]! & 255]!, 24) ^
              keys[round * columns + c]!;
          }
          [state, next] = [next, state];
        }
        for (let c = 0; c < columns; c++) {
          const word =
            (S[state[c]! >>> 24]! << 24) |
            (S[(state[f1[c]!]! >>> 16) & 255]! << 16) |
            (S[(state[f2[c]!]! >>> 8) & 255]! << 8) |
            S[state[f3[c]!]! & 255]!;
          writeBE(block, 4 * c, word ^ keys[rounds * columns + c]!);
        }
      };
    },
  };
}

function expand(key: Uint8Array, words: number): Int32Array {
  const w = new Int32Array(words);
  let constant = 1;
  for (let i = 0; i < words; i++) {
    if (i < KEY_WORDS) {
      w[i] = readBE(key, 4 * i);
      continue;
    }
    let word = w[i - 1]!;
    if (i % KEY_WORDS === 0) {
      word = substitute(rotateRight(word, 24)) ^ (constant << 24);
      constant = double(constant);
    } else if (i % KEY_WORDS === 4) word = substitute(word);
    w[i] = w[i - KEY_WORDS]! ^ word;
  }
  return w;
}

function substitute(word: number): number {
  return (
    (S[word >>> 24]! << 24) |
    (S[(word >>> 16) & 255]! << 16) |
    (S[(word >>> 8) & 255]! << 8) |
    S[word & 255]!
  );
}
