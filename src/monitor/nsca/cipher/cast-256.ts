/**
 * CAST-256 (RFC 2612) with keys of 32 bytes. The RFC's words are big-endian; libmcrypt, and so
 * NSCA, takes them little-endian.
 */
import type { BlockCipher } from '../cfb8.ts';
import { round } from './cast-128.ts';
import { readLE, writeLE } from './words.ts';

export const cast256: BlockCipher = {
  keySize: 32,
  blockSize: 16,
  prepare(key) {
    const { mask, rotation } = schedule(key);
    const f = (type: number, i: number, data: number) => round(type, mask[i]!, rotation[i]!, data);
    return (block) => {
      let a = readLE(block, 0);
      let b = readLE(block, 4);
      let c = readLE(block, 8);
      let d = readLE(block, 12);
      for (let i = 0; i < 24; i += 4) {
        c ^= f(0, i, d);
        b ^= f(1, i + 1, c);
        a ^= f(2, i + 2, b);
        d ^= f(0, i + 3, a);
      }
      for (let i = 24; i < 48; i += 4) {
        d ^= f(0, i + 3, a);
        a ^= f(2, i + 2, b);
        b ^= f(1, i + 1, c);
        c ^= f(0, i, d);
      }
      writeLE(block, 0, a);
      writeLE(block, 4, b);
      writeLE(block, 8, c);
      writeLE(block, 12, d);
    };
  },
};

function schedule(key: Uint8Array): { mask: Int32Array; rotation: Uint8Array } {
  const k = Int32Array.from({ length: 8 }, (_, i) => readLE(key, 4 * i));
  const mask = new Int32Array(48);
  const rotation = new Uint8Array(48);
  let stepMask = 0x5a82_7999;
  let stepRotation = 19;
  const octave = () => {
    for (let i = 0; i < 8; i++) {
      // Words 6, 5, 4, 3, 2, 1, 0, 7, each changed by the one after it.
      const word = (14 - i) % 8;
      k[word]! ^= round(i % 3, stepMask, stepRotation, k[(word + 1) % 8]!);
      stepMask = (stepMask + 0x6ed9_eba1) | 0;
      stepRotation = (stepRotation + 17) & 31;
    }
  };
  for (let i = 0; i < 48; i += 4) {
    octave();
    octave();
    for (let j = 0; j < 4; j++) {
      rotation[i + j] = k[2 * j]! & 31;
      mask[i + j] = k[7 - 2 * j]!;
    }
  }
  return { mask, rotation };
}
