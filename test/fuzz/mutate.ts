/**
 * Changes samples at random, in place: bits and bytes flipped, pieces cut out, said twice, taken
 * from other samples, numbers made huge, hostile words put in, the end cut off.
 */
import { FORMATS } from '../../src/parse/formats.ts';
import { randomFrom } from '../support/random.ts';

type Random = ReturnType<typeof randomFrom>;

/** Room that a mutated sample may need behind where it begins. */
export const ROOM = 16_384;

const NEEDLES = [...new Set(FORMATS.flatMap(({ needles }) => needles))];

/** Words that some reader on the way may take for more than text. */
export const HOSTILE: readonly Buffer[] = [
  ...NEEDLES,
  'refused connect from 192.0.2.1 (192.0.2.1)',
  'refused connect from ',
  'message repeated 3 times: [ ',
  'message repeated 0 times: [ ',
  'last message repeated 2 times',
  " Last message 'refused' repeated 4 times, suppressed by syslog-ng on gw",
  '<no address>',
  ' (libwrap=',
  '::ffff:192.0.2.1',
  'fe80::1%eth0',
  '[::1]:65535',
  '/usr/sbin/',
  '/[1]:',
  '{"MESSAGE":"',
  '{"MESSAGE":[114,101,102]}',
  '"MESSAGE":[',
  '"__proto__":',
  '"__CURSOR":"',
  '\\u0000',
  '\\ud800',
  '\\"',
  'constructor',
  '{client}',
  '{daemon}',
  '$&',
  '$1',
  '%s%n',
  '|',
  ';',
  '`',
  '$(',
  '&&',
  '<script>',
  '\'"',
  '\\',
  '@',
  '@@@@@@@@',
  ' (',
  ')',
  '[',
  ']',
  '[[[[[[[[',
  '{{{{{{{{',
  ':',
  '::::::::',
  ' ',
  '        ',
  ' - ',
  '-',
  '\t',
  '\r',
  '\n',
  '\n\n',
  '\0',
  '\0\0\0\0',
  '\u001b[2J',
  '\u0007',
  '\u007f',
  '\u009b31m',
  '\u2028',
  '\u202e',
  '\ufeff',
  'é',
  '𝒜',
  '0',
  '-1',
  '4294967296',
  '9007199254740993',
  '99999999999999999999999999',
  '1e309',
  'NaN',
  '0x7f',
  '1970-01-01T00:00:00Z',
  '9999-99-99T99:99:99+99:99',
  'Feb 30 25:61:61',
  '<9999999999999>',
  '[99999999999]:',
]
  .map((text) => Buffer.from(text))
  // No UTF-8: a lone lead, a lone tail, an overlong NUL, a surrogate, a code beyond the last.
  .concat(
    ['ff', '80', 'c080', 'eda080', 'f4908080', 'e280', 'f09f98'].map((hex) =>
      Buffer.from(hex, 'hex'),
    ),
  );

/** Puts a sample into `into` at `at` and changes it; gives its end, ROOM further at most. */
export type Mutator = (random: Random, into: Buffer, at: number) => number;

/** @param words are put in as HOSTILE ones are */
export function mutator(samples: readonly Buffer[], words: readonly Buffer[] = HOSTILE): Mutator {
  return (random, into, at) => {
    const sample = samples[random(samples.length)]!;
    const room = into.subarray(at, at + ROOM);
    let size = sample.copy(room, 0, 0, ROOM);
    // As it is, too: what comes after an unharmed line is part of the game.
    for (let changes = random(5); changes > 0; changes--) size = change(random, room, size);
    return at + size;

    function change(pick: Random, bytes: Buffer, length: number): number {
      const from = pick(length + 1);
      const some = Math.min(1 + pick(pick(4) === 0 ? 200 : 8), length - from);
      switch (pick(9)) {
        case 0:
          if (from < length) bytes[from]! ^= 1 << pick(8);
          return length;
        case 1:
          if (from < length) bytes[from] = pick(256);
          return length;
        case 2:
          bytes.copyWithin(from, from + some, length);
          return length - some;
        case 3:
          return insert(bytes, length, pick(length + 1), bytes.subarray(from, from + some));
        case 4: {
          const other = samples[pick(samples.length)]!;
          const start = pick(other.length + 1);
          return insert(bytes, length, from, other.subarray(start, start + 1 + pick(100)));
        }
        case 5: {
          const end = bytes.subarray(0, length).findIndex((byte, n) => n >= from && isDigit(byte));
          return insert(bytes, length, end === -1 ? from : end, DIGITS.subarray(pick(30)));
        }
        case 6:
          return pick(4) === 0 ? from : length;
        default:
          return insert(bytes, length, from, words[pick(words.length)]!);
      }
    }
  };
}

const DIGITS = Buffer.from('9'.repeat(30));
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/** Puts bytes in, as far as there is room; gives the new length. */
function insert(into: Buffer, length: number, at: number, bytes: Buffer): number {
  const more = Buffer.from(bytes);
  if (length + more.length > into.length) return length;
  into.copyWithin(at + more.length, at, length);
  more.copy(into, at);
  return length + more.length;
}

/** The shortest part of some bytes that is left when pieces are taken out while it still fails. */
export function reduced(bytes: Buffer, fails: (bytes: Buffer) => boolean): Buffer {
  let least = bytes;
  for (
    let size = Math.ceil(least.length / 2);
    size > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < least.length;) {
      const without = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
      if (fails(without)) least = without;
      else at += size;
    }
  }
  return least;
}
