/** RC2 (RFC 2268) with keys of 128 bytes and 1024 effective bits. */
import type { BlockCipher } from '../cfb8.ts';

/** PITABLE of RFC 2268: the bytes 0 to 255 in an order made from the digits of pi. */
const PI = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);

const ROTATIONS = [1, 2, 3, 5];

export const rc2: BlockCipher = {
  keySize: 128,
  blockSize: 8,
  prepare(key) {
    const expanded = expand(key);
    const keys = Uint16Array.from({ length: 64 }, (_, i) => word(expanded, i));
    const r = new Uint16Array(4);

    const mix = (first: number) => {
      for (let i = 0; i < 4; i++) {
        const before = r[(i + 3) & 3]!;
        const sum =
          r[i]! + keys[first + i]! + (before & r[(i + 2) & 3]!) + (~before & r[(i + 1) & 3]!);
        r[i] = (sum << ROTATIONS[i]!) | ((sum & 0xffff) >>> (16 - ROTATIONS[i]!));
      }
    };
    const mash = () => {
      for (let i = 0; i < 4; i++) r[i]! += keys[r[(i + 3) & 3]! & 63]!;
    };
    return (block) => {
      for (let i = 0; i < 4; i++) r[i] = word(block, i);
      for (let round = 0; round < 16; round++) {
        mix(4 * round);
        if (round === 4 || round === 10) mash();
      }
      for (let i = 0; i < 4; i++) {
        block[2 * i] = r[i]!;
        block[2 * i + 1] = r[i]! >>> 8;
      }
    };
  },
};

/** The 16-bit word `i`, little-endian. */
function word(bytes: Uint8Array, i: number): number {
  return bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
}

/**
 * The RFC's key expansion for a key that fills all 128 bytes and 1024 effective bits: of it, only
 * the last step is left.
 */
function expand(key: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(key);
  bytes[0] = PI[bytes[0]!]!;
  return bytes;
}
