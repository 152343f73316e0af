/**
 * NSCA's encryption methods, by the numbers and names of nsca.cfg and send_nsca.cfg. The password
 * is the key, cut or padded with zeros to the key's size; the mode is 8-bit cipher feedback.
 */
import { guessAt } from '../../config/nearest.ts';
import { cfb8, type BlockCipher } from './cfb8.ts';
import { keyOf } from './key.ts';

/** Encrypts or decrypts the packets of one connection, in order. */
export type Transform = (packet: Buffer) => Buffer;

type Direction = 'encrypt' | 'decrypt';
/** Starts the encryption of one connection. The IV is the init packet's, 128 bytes. */
export type OpenTransform = (password: Buffer, iv: Buffer, direction: Direction) => Transform;

export interface Method {
  readonly number: number;
  readonly name: string;
}

/** A method that can't be used; the message says why and what to do. */
export class MethodError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MethodError';
  }
}

interface Row extends Method {
  readonly aliases?: readonly string[];
  /** Loads the cipher: an agent has one of them, a verb that only reads the configuration none. */
  readonly load: () => Promise<OpenTransform>;
}

export const METHODS: readonly Row[] = [
  { number: 0, name: 'none', load: async () => () => (packet) => packet },
  { number: 1, name: 'xor', load: async () => xor },
  { number: 2, name: 'des', load: () => openssl('des-ede3-cfb8', 8, 8) },
  {
    number: 3,
    name: '3des',
    aliases: ['tripledes'],
    load: () => openssl('des-ede3-cfb8', 24, 8),
  },
  {
    number: 4,
    name: 'cast-128',
    load: async () => own((await import('./cipher/cast-128.ts')).cast128),
  },
  {
    number: 5,
    name: 'cast-256',
    load: async () => own((await import('./cipher/cast-256.ts')).cast256),
  },
  { number: 6, name: 'xtea', load: async () => own((await import('./cipher/xtea.ts')).xtea) },
  {
    number: 8,
    name: 'blowfish',
    load: async () => own((await import('./cipher/blowfish.ts')).blowfish),
  },
  {
    number: 9,
    name: 'twofish',
    load: async () => own((await import('./cipher/twofish.ts')).twofish),
  },
  {
    number: 10,
    name: 'loki97',
    load: async () => own((await import('./cipher/loki97.ts')).loki97),
  },
  { number: 11, name: 'rc2', load: async () => own((await import('./cipher/rc2.ts')).rc2) },
  {
    number: 14,
    name: 'rijndael-128',
    aliases: ['aes', 'aes-256'],
    load: () => openssl('aes-256-cfb8', 32, 16),
  },
  {
    number: 15,
    name: 'rijndael-192',
    load: async () => own((await import('./cipher/rijndael.ts')).rijndael(24)),
  },
  {
    number: 16,
    name: 'rijndael-256',
    load: async () => own((await import('./cipher/rijndael.ts')).rijndael(32)),
  },
  {
    number: 20,
    name: 'serpent',
    load: async () => own((await import('./cipher/serpent.ts')).serpent),
  },
  { number: 23, name: 'gost', load: async () => own((await import('./cipher/gost.ts')).gost) },
  {
    number: 26,
    name: 'saferplus',
    aliases: ['safer+'],
    load: async () => own((await import('./cipher/saferplus.ts')).saferplus),
  },
];

/** Methods with a number in nsca.cfg that no present daemon supports. */
const UNUSABLE = new Map([
  [7, '3way'],
  [12, 'arcfour'],
  [19, 'wake'],
  [22, 'enigma'],
  [24, 'safer64'],
  [25, 'safer128'],
]);

/** Finds a method by number or name (case, dashes and blanks are ignored). Throws MethodError. */
export function methodOf(which: number | string): Method {
  const text = String(which).trim();
  const isMeant = (number: number, ...names: string[]) =>
    text === String(number) || names.some((name) => plain(name) === plain(text));
  for (const { number, name, aliases = [] } of METHODS) {
    if (isMeant(number, name, ...aliases)) return { number, name };
  }
  for (const [number, name] of UNUSABLE) {
    if (isMeant(number, name)) {
      throw new MethodError(
        `nsca itself cannot use its method ${number} (${name}) and closes every connection; ` +
          'choose another on both sides, such as 14 (rijndael-128)',
      );
    }
  }
  const all = METHODS.map(({ number, name }) => `${number} (${name})`).join(', ');
  const hint = guessAt(
    text,
    METHODS.map(({ name }) => name),
  );
  throw new MethodError(`nsca has no encryption method ${text}; it has ${all}${hint}`);
}

/** Loads a method that `methodOf` returned. */
export async function loadMethod(method: number): Promise<OpenTransform> {
  const row = METHODS.find(({ number }) => number === method);
  if (row === undefined) throw new MethodError(`no encryption method ${method}`);
  return row.load();
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace('+', 'plus')
    .replace(/[^a-z0-9]/g, '');
}

/** XOR with the IV, then with the password, each starting again at every packet. */
function xor(password: Buffer, iv: Buffer): Transform {
  let stream: Buffer = Buffer.alloc(0);
  return (packet) => {
    if (stream.length !== packet.length) stream = streamOf(packet.length, [iv, password]);
    const out = Buffer.allocUnsafe(packet.length);
    for (let i = 0; i < out.length; i++) out[i] = packet[i]! ^ stream[i]!;
    return out;
  };
}

/** The result of XORing the repeated keys into zeros. */
function streamOf(length: number, keys: readonly Buffer[]): Buffer {
  const stream = Buffer.alloc(length);
  for (const key of keys) {
    for (let i = 0; i < length && key.length > 0; i++) stream[i]! ^= key[i % key.length]!;
  }
  return stream;
}

/** A cipher that Node has. */
async function openssl(name: string, keySize: number, ivSize: number): Promise<OpenTransform> {
  const loaded = await import('./cipher/openssl.ts');
  return loaded.openssl(name, keySize, ivSize);
}

function own(cipher: BlockCipher): OpenTransform {
  return (password, iv, direction) => cfb8(cipher, keyOf(password, cipher.keySize), iv, direction);
}
