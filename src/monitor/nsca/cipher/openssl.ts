import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { OpenTransform } from '../cipher.ts';
import { keyOf } from '../key.ts';

/**
 * A cipher of OpenSSL, as Node has it. Single DES is triple DES with the same key three times;
 * OpenSSL 3 has DES itself only in its legacy provider.
 */
export function openssl(name: string, keySize: number, ivSize: number): OpenTransform {
  return (password, iv, direction) => {
    const one = keyOf(password, keySize);
    const key = keySize === 8 ? Buffer.concat([one, one, one]) : one;
    const create = direction === 'encrypt' ? createCipheriv : createDecipheriv;
    const cipher = create(name, key, iv.subarray(0, ivSize));
    return (packet) => cipher.update(packet);
  };
}
