/** 8-bit cipher feedback over any block cipher: what libmcrypt calls `cfb`. */

/** Encrypts one block in place. CFB needs no decryption of blocks, in either direction. */
export type EncryptBlock = (block: Uint8Array) => void;

/** A block cipher. */
export interface BlockCipher {
  readonly keySize: number;
  readonly blockSize: number;
  /** Prepares a key of exactly `keySize` bytes. */
  prepare(key: Uint8Array): EncryptBlock;
}

/**
 * Encrypts or decrypts the packets of one connection; the feedback carries over from each to the
 * next.
 */
export function cfb8(
  cipher: BlockCipher,
  key: Uint8Array,
  iv: Uint8Array,
  direction: 'encrypt' | 'decrypt',
): (packet: Uint8Array) => Buffer {
  const { blockSize } = cipher;
  const encryptBlock = cipher.prepare(key);
  const register = Uint8Array.from(iv.subarray(0, blockSize));
  const block = new Uint8Array(blockSize);
  return (packet) => {
    const out = Buffer.from(packet);
    for (let i = 0; i < out.length; i++) {
      block.set(register);
      encryptBlock(block);
      const before = out[i]!;
      const after = before ^ block[0]!;
      out[i] = after;
      register.copyWithin(0, 1);
      register[blockSize - 1] = direction === 'encrypt' ? after : before;
    }
    return out;
  };
}
