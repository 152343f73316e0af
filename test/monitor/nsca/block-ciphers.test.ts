/** The ciphers of our own against the vectors that their authors published. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { BlockCipher } from '../../../src/monitor/nsca/cfb8.ts';
import { blowfish } from '../../../src/monitor/nsca/cipher/blowfish.ts';
import { cast128 } from '../../../src/monitor/nsca/cipher/cast-128.ts';
import { cast256 } from '../../../src/monitor/nsca/cipher/cast-256.ts';
import { gost } from '../../../src/monitor/nsca/cipher/gost.ts';
import { loki97 } from '../../../src/monitor/nsca/cipher/loki97.ts';
import { rc2 } from '../../../src/monitor/nsca/cipher/rc2.ts';
import { rijndael } from '../../../src/monitor/nsca/cipher/rijndael.ts';
import { saferplus } from '../../../src/monitor/nsca/cipher/saferplus.ts';
import { serpent } from '../../../src/monitor/nsca/cipher/serpent.ts';
import { twofish } from '../../../src/monitor/nsca/cipher/twofish.ts';
import { xtea } from '../../../src/monitor/nsca/cipher/xtea.ts';

interface Vector {
  readonly name: string;
  readonly cipher: BlockCipher;
  readonly key: string;
  readonly plain: string;
  readonly encrypted: string;
  /** libmcrypt takes the words of this cipher in the other byte order. */
  readonly littleEndian?: boolean;
}

const COUNT = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const PI_KEY = '2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe';
const PI_PLAIN = '3243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c8';
/** libmcrypt's tests of itself have the key 10, 12, 14, … and the text 0, 1, 2, … */
const SELF = (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => 2 * i + 10)).toString('hex');

const VECTORS: readonly Vector[] = [
  {
    name: 'CAST-128, RFC 2144',
    cipher: cast128,
    key: '0123456712345678234567893456789a',
    plain: '0123456789abcdef',
    encrypted: '238b4fe5847e44b2',
  },
  {
    name: 'CAST-256, RFC 2612',
    cipher: cast256,
    key: '2342bb9efa38542cbed0ac83940ac2988d7c47ce264908461cc1b5137ae6b604',
    plain: '00000000000000000000000000000000',
    encrypted: '4f6a2038286897b9c9870136553317fa',
    littleEndian: true,
  },
  {
    name: 'XTEA',
    cipher: xtea,
    key: COUNT.slice(0, 32),
    plain: '4142434445464748',
    encrypted: '497df3d072612cb5',
  },
  {
    // Short keys are repeated until the key is full, so these of 8 bytes are the same seven times.
    name: 'Blowfish, first of its author’s vectors',
    cipher: blowfish,
    key: '00'.repeat(56),
    plain: '0000000000000000',
    encrypted: '4ef997456198dd78',
  },
  {
    name: 'Blowfish, another of its author’s vectors',
    cipher: blowfish,
    key: 'fedcba9876543210'.repeat(7),
    plain: '0123456789abcdef',
    encrypted: '0aceab0fc6a0a28d',
  },
  {
    name: 'Twofish, 256-bit vector of its paper',
    cipher: twofish,
    key: '0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff',
    plain: '00000000000000000000000000000000',
    encrypted: '37527be0052334b89f0cfccae87cfa20',
  },
  {
    name: 'LOKI97, vector of its paper',
    cipher: loki97,
    key: COUNT,
    plain: COUNT.slice(0, 32),
    encrypted: '75080e359f10fe640144b35c57128dad',
    littleEndian: true,
  },
  {
    name: 'Rijndael with blocks of 16 bytes, FIPS 197',
    cipher: rijndael(16),
    key: COUNT,
    plain: '00112233445566778899aabbccddeeff',
    encrypted: '8ea2b7ca516745bfeafc49904b496089',
  },
  {
    name: 'Rijndael with blocks of 24 bytes',
    cipher: rijndael(24),
    key: PI_KEY,
    plain: PI_PLAIN.slice(0, 48),
    encrypted: '0ebacf199e3315c2e34b24fcc7c46ef4388aa475d66c194c',
  },
  {
    name: 'Rijndael with blocks of 32 bytes',
    cipher: rijndael(32),
    key: PI_KEY,
    plain: PI_PLAIN,
    encrypted: 'a49406115dfb30a40418aafa4869b7c6a886ff31602a7dd19c889dc64f7e4e7a',
  },
  {
    name: 'Serpent, NESSIE set 1, vector 0',
    cipher: serpent,
    key: `80${'00'.repeat(31)}`,
    plain: '00000000000000000000000000000000',
    encrypted: 'a223aa1288463c0e2be38ebd825616c0',
  },
  // Of these three no vector was published that holds for NSCA's key size or libmcrypt's variant.
  {
    name: 'RC2, libmcrypt’s test of itself',
    cipher: rc2,
    key: SELF(128),
    plain: COUNT.slice(0, 16),
    encrypted: 'becbe4c8e6237a14',
  },
  {
    name: 'GOST, libmcrypt’s test of itself',
    cipher: gost,
    key: SELF(32),
    plain: COUNT.slice(0, 16),
    encrypted: 'e498cf78cdf1d4a5',
  },
  {
    name: 'SAFER+, libmcrypt’s test of itself',
    cipher: saferplus,
    key: SELF(32),
    plain: COUNT.slice(0, 32),
    encrypted: '97fa76704bf6b578549f65c6f75b228b',
  },
];

for (const { name, cipher, key, plain, encrypted, littleEndian = false } of VECTORS) {
  void test(name, () => {
    const bytes = (hex: string) => {
      const buffer = Buffer.from(hex, 'hex');
      return littleEndian ? buffer.swap32() : buffer;
    };
    const block = bytes(plain);
    assert.equal(bytes(key).length, cipher.keySize);
    cipher.prepare(bytes(key))(block);
    assert.equal((littleEndian ? block.swap32() : block).toString('hex'), encrypted);
  });
}
