/**
 * SAFER+ (Massey, Khachatrian, Kuregian, 1998) with keys of 32 bytes. libmcrypt, and so NSCA, takes
 * the 32-bit words of key and block in the opposite order, last word first.
 */
import type { BlockCipher } from '../cfb8.ts';

const ROUNDS = 16;

/** Powers of 45 modulo 257 (256 is written 0), and their logarithms. */
const POWER = new Uint8Array(256);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 256; i++, x = (x * 45) % 257) {
  POWER[i] = x;
  LOG[x & 255] = i;
}

/** Which of the 16 bytes are treated like the first: added, and raised; the others the other way. */
const LIKE_FIRST = 0b1001_1001_1001_1001;

/** The linear layer's shuffle. */
const SHUFFLE = [8, 11, 12, 15, 2, 1, 6, 5, 10, 9, 14, 13, 0, 7, 4, 3];

export const saferplus: BlockCipher = {
  keySize: 32,
  blockSize: 16,
  prepare(key) {
    const keys = schedule(key.map((_, i) => key[oppositeWord(i, 32)]!));
    const state = new Uint8Array(16);
    const shuffled = new Uint8Array(16);
    return (block) => {
      for (let i = 0; i < 16; i++) state[i] = block[oppositeWord(i, 16)]!;
      for (let round = 0; round < ROUNDS; round++) {
        const [one, two] = [keys[2 * round]!, keys[2 * round + 1]!];
        for (let i = 0; i < 16; i++) {
          state[i] =
            (LIKE_FIRST >>> i) & 1
              ? POWER[state[i]! ^ one[i]!]! + two[i]!
              : LOG[(state[i]! + one[i]!) & 255]! ^ two[i]!;
        }
        mix(state);
        for (let layer = 0; layer < 3; layer++) {
          shuffled.set(state);
          for (let i = 0; i < 16; i++) state[i] = shuffled[SHUFFLE[i]!]!;
          mix(state);
        }
      }
      const last = keys[2 * ROUNDS]!;
      for (let i = 0; i < 16; i++) {
        state[i] = (LIKE_FIRST >>> i) & 1 ? state[i]! ^ last[i]! : state[i]! + last[i]!;
      }
      for (let i = 0; i < 16; i++) block[i] = state[oppositeWord(i, 16)]!;
    };
  },
};

/** The pseudo-Hadamard transform of each pair: (2x + y, x + y). */
function mix(block: Uint8Array): void {
  for (let i = 0; i < 16; i += 2) {
    block[i + 1]! += block[i]!;
    block[i]! += block[i + 1]!;
  }
}

/** Where byte `i` is when `size` bytes have their 32-bit words in the opposite order. */
function oppositeWord(i: number, size: number): number {
  return size - 4 - (i & ~3) + (i & 3);
}

/** 33 subkeys: the first from the key itself, each other with a bias added. */
function schedule(key: Uint8Array): Uint8Array[] {
  const register = Uint8Array.from([...key, key.reduce((sum, byte) => sum ^ byte, 0)]);
  const keys = [Uint8Array.from(key.subarray(0, 16))];
  for (let n = 2; n <= 2 * ROUNDS + 1; n++) {
    for (const [i, byte] of register.entries()) register[i] = (byte << 3) | (byte >>> 5);
    keys.push(
      Uint8Array.from({ length: 16 }, (_, i) => {
        const at = (n - 1 + i) % register.length;
        const inner = POWER[(17 * n + i + 1) & 255]!;
        return register[at]! + (n <= 17 ? POWER[inner]! : inner);
      }),
    );
  }
  return keys;
}
