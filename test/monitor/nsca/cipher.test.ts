import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../../support/fast-check.ts';
import { loadMethod, MethodError, methodOf, METHODS } from '../../../src/monitor/nsca/cipher.ts';

/**
 * What libmcrypt 2.5.8 makes in its mode `cfb` of the bytes 0 to 99, with the password below padded
 * with zeros to the key size, and the bytes 0, 1, 2, … as IV: the last 24 bytes.
 */
const PASSWORD = Buffer.from('correct horse battery');
const LIBMCRYPT: readonly [number, string][] = [
  [2, '8bcaeabbef4aa41677993cdd538b5ff614777da27ac840e7'],
  [3, 'ae1714c6061a14ee464973bdd20716a687e759984adb0526'],
  [4, 'affd870703f97088ecc5ee45a929bcc00853ac88674f8cc6'],
  [5, '22ee106b8d0783874a733bdd327b51f8650fbb75c18b70a6'],
  [6, '3e2e4047c5734f2dd20f45b6ea862f22e5fc8541432d4fc4'],
  [8, '64529cb3535b1399aec3fffe6becb5a5dac3c02eadbbc997'],
  [9, '6feb6d1955f893b622abbc80e893d299da4af722a702eb9b'],
  [10, '22f159bebc4e36a9805cb97e6ed5e4c8584c2c3c6def3a28'],
  [11, 'c083ce2336c643179a61da86af0733e5cd04a747936cc5c4'],
  [14, '5e21b21baa6330efaf499c98d5e75c7908c8d428e90de166'],
  [15, '09abdf1199c700345e709404fe80b0602d9496fe0ee97e44'],
  [16, 'ac9cc8db96484c355eeaf2c41e8d6fc890cc51f929876d43'],
  [20, '6e69c58261d20b86ce9d740f3d1c7109a82d3f105d2aace4'],
  [23, '3aff5755afa74722254576158ed776d85c8569c5db62b288'],
  [26, '00c0b0ce49677fc910fc52b7e59568f68247e008ed16d722'],
];

const IV = Buffer.from(Array.from({ length: 128 }, (_, i) => i));
const BYTES = Buffer.from(Array.from({ length: 100 }, (_, i) => i));

for (const [number, end] of LIBMCRYPT) {
  void test(`method ${number} (${methodOf(number).name}) gives what libmcrypt gives`, async () => {
    const open = await loadMethod(number);
    const out = open(PASSWORD, IV, 'encrypt')(BYTES);
    assert.equal(out.subarray(76).toString('hex'), end);
    assert.deepEqual(open(PASSWORD, IV, 'decrypt')(out), BYTES);
    assert.deepEqual(BYTES[99], 99, 'the packet itself is left alone');
  });

  void test(`method ${number} goes on from packet to packet`, async () => {
    const encrypt = (await loadMethod(number))(PASSWORD, IV, 'encrypt');
    const parts = [BYTES.subarray(0, 33), BYTES.subarray(33)].map((part) => encrypt(part));
    assert.equal(Buffer.concat(parts).subarray(76).toString('hex'), end);
  });
}

void test('xor starts again at each packet, with the IV and then with the password', async () => {
  const encrypt = (await loadMethod(1))(Buffer.from('ab'), IV, 'encrypt');
  const packet = Buffer.alloc(130);
  const out = encrypt(packet);
  assert.deepEqual([...out.subarray(0, 3)], [0x61, 0x63, 0x63]);
  assert.deepEqual([...out.subarray(128)], [0x61, 0x63]);
  assert.deepEqual(encrypt(packet), out);
});

void test('an empty password leaves xor with the IV, and none changes nothing', async () => {
  const none = Buffer.alloc(0);
  assert.deepEqual((await loadMethod(1))(none, IV, 'encrypt')(Buffer.alloc(128)), IV);
  assert.deepEqual((await loadMethod(0))(none, IV, 'encrypt')(BYTES), BYTES);
});

void test('every method decrypts what it encrypts, with any password', async () => {
  for (const { number } of METHODS) {
    const open = await loadMethod(number);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (p, d) => {
        const [password, data] = [Buffer.from(p), Buffer.from(d)];
        const out = open(password, IV, 'encrypt')(data);
        assert.deepEqual(open(password, IV, 'decrypt')(out), data);
      }),
      { numRuns: 10 },
    );
  }
});

void test('a password longer than the key is cut', async () => {
  const open = await loadMethod(2);
  const cut = open(Buffer.from('12345678'), IV, 'encrypt')(BYTES);
  assert.deepEqual(open(Buffer.from('123456789'), IV, 'encrypt')(BYTES), cut);
});

void test('methods are found by number and by name', () => {
  const found = [3, '3', '3des', '3DES', 'TripleDES', 'AES', 'rijndael 128', 'SAFER+', 'none'];
  assert.deepEqual(
    found.map((name) => methodOf(name).number),
    [3, 3, 3, 3, 3, 14, 14, 26, 0],
  );
});

void test('a method that can not work is refused with the reason', () => {
  for (const name of [7, '12', 'WAKE', 'enigma', 24, 'safer128']) {
    assert.throws(
      () => methodOf(name),
      (error) => {
        assert.ok(error instanceof MethodError);
        assert.match(error.message, /nsca itself cannot use its method .* choose another/);
        return true;
      },
    );
  }
  for (const name of [13, 17, 18, 21, 27, -1, 1.5, 'aes-192', '']) {
    assert.throws(() => methodOf(name), /nsca has no encryption method/);
  }
});
