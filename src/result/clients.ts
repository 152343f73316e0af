/**
 * Clients in rules, as hosts.allow writes them (hosts_access(5)): addresses, networks, ranges,
 * domains, names. What libwrap would look up, or decide by other rules, is not supported: it is
 * refused with what to write instead.
 */
import { BlockList } from 'node:net';
import { addressOf, ipVersion } from '../text/address.ts';
import { namePattern } from './name-pattern.ts';

/** A client to match against a rule. */
export interface Client {
  readonly client: string | null;
  readonly address: string | null;
}

type Family = 'ipv4' | 'ipv6';

/** A parsed entry: it goes into a list of addresses, or is asked about each client. */
type Entry =
  | { readonly addTo: (list: BlockList) => void }
  | { readonly isClient: (client: Client) => boolean };

/** What is wrong with an entry of a rule, and what to do; null where it is right. */
export function clientProblem(text: string): string | null {
  const entry = readEntry(text);
  return typeof entry === 'string' ? entry : null;
}

/** Returns a predicate: does one of the entries match a client? */
export function clientPattern(texts: readonly string[]): (client: Client) => boolean {
  const list = new BlockList();
  const others: ((client: Client) => boolean)[] = [];
  for (const entry of texts.map(readEntry)) {
    if (typeof entry === 'string') continue;
    if ('addTo' in entry) entry.addTo(list);
    else others.push(entry.isClient);
  }
  return (client) => isListed(list, client.address) || others.some((one) => one(client));
}

function isListed(list: BlockList, address: string | null): boolean {
  const plain = address?.replace(/%.*$/, '') ?? '';
  const family = familyOf(plain);
  return family !== null && list.check(plain, family);
}

/** What a text means, or what is wrong with it. */
function readEntry(text: string): Entry | string {
  const refused = REFUSED.find(({ is }) => is.test(text));
  if (refused !== undefined) return refused.say(text);
  if (text === 'ALL') return { isClient: () => true };
  if (text === 'LOCAL') return { isClient: ({ client }) => client !== null && isLocal(client) };
  if (/^\.[^/]/.test(text)) return { isClient: named(`*${text}`) };
  if (/^(?:\d{1,3}\.){1,3}$/.test(text)) return readPrefix(text);
  const plain = text.replace(/^\[([^\]]*)\]/, '$1');
  if (plain.includes('/')) return readNetwork(plain, text);
  const [first, last, ...more] = plain.split('-');
  if (last !== undefined && more.length === 0 && ipVersion(first!) !== 0)
    return readRange(first!, last, text);
  const address = readAddress(plain);
  if (address !== null) return { addTo: (list) => list.addAddress(address.text, address.family) };
  // Only digits, dots and colons: neither a name nor, at this point, an address.
  if (/^[\d.]+$/.test(text) || (text.includes(':') && /^[\da-f:.]+$/i.test(text)))
    return noAddress(text);
  return { isClient: named(text) };
}

const EXCEPTION = 'write an exception as a rule of its own before this one';
/** What hosts.allow supports and a rule does not, with what to write instead. */
const REFUSED: readonly { readonly is: RegExp; readonly say: (text: string) => string }[] = [
  { is: /^!/, say: (text) => `'${text}': ! has no meaning here; ${EXCEPTION}` },
  { is: /\bEXCEPT\b/, say: (text) => `'${text}': EXCEPT has no meaning here; ${EXCEPTION}` },
  {
    is: /[\s,]/,
    say: (text) => `'${text}' names several clients: write each as an item of a list`,
  },
  { is: /^KNOWN$/, say: () => 'KNOWN is in no log line: write addresses or names instead' },
  { is: /^@/, say: (text) => `'${text}': netgroups are not looked up; name their hosts` },
  { is: /.@/, say: (text) => `'${text}' contains a user: name the user under 'user'` },
  { is: /^\//, say: (text) => `'${text}': files are not read; name their clients here` },
];

function named(pattern: string): (client: Client) => boolean {
  const isName = namePattern(pattern);
  return ({ client, address }) =>
    (client !== null && isName(client)) || (address !== null && isName(address));
}

/** A name without a domain. */
const isLocal = (name: string) =>
  !/[.:]/.test(name) && name !== '' && !/^(?:unknown|paranoid)$/i.test(name);

/** `192.0.2.`: the first numbers of an address. */
function readPrefix(text: string): Entry | string {
  const numbers = text.split('.').filter((number) => number !== '');
  const address = readAddress([...numbers, '0', '0', '0'].slice(0, 4).join('.'));
  if (address === null) return noAddress(text);
  return { addTo: (list) => list.addSubnet(address.text, 8 * numbers.length, 'ipv4') };
}

/** `10.0.0.0/8`, `2001:db8::/32`, `[2001:db8::]/32`, `131.155.72.0/255.255.254.0`. */
function readNetwork(plain: string, text: string): Entry | string {
  const [address = '', mask = '', ...more] = plain.split('/');
  const family = familyOf(address);
  const most = family === 'ipv4' ? 32 : 128;
  const bits = /^\d{1,3}$/.test(mask) ? Number(mask) : bitsOf(mask);
  if (family === null || more.length > 0 || bits === null || bits > most)
    return `must be a network such as 10.0.0.0/8, 10.0.0.0/255.0.0.0 or 2001:db8::/32, not '${text}'`;
  return { addTo: (list) => list.addSubnet(address, bits, family) };
}

/** How many bits an IPv4 netmask has; null where it is not a netmask, or has holes. */
function bitsOf(mask: string): number | null {
  if (ipVersion(mask) !== 4) return null;
  const bits = mask
    .split('.')
    .map((number) => Number(number).toString(2).padStart(8, '0'))
    .join('');
  const ones = bits.indexOf('0') === -1 ? 32 : bits.indexOf('0');
  return bits.includes('1', ones) ? null : ones;
}

/** `192.0.2.10-192.0.2.20`. */
function readRange(first: string, last: string, text: string): Entry | string {
  const [from, to] = [readAddress(first), readAddress(last)];
  const wrong = `must be a range such as 192.0.2.10-192.0.2.20, not '${text}'`;
  if (from === null || to === null || from.family !== to.family) return wrong;
  try {
    new BlockList().addRange(from.text, to.text, from.family);
  } catch {
    return wrong;
  }
  return { addTo: (list) => list.addRange(from.text, to.text, from.family) };
}

/** An address as in denials: an IPv4-mapped one as IPv4, without a zone. */
function readAddress(text: string): { readonly text: string; readonly family: Family } | null {
  const address = addressOf(text.replace(/%.*$/, ''));
  const family = familyOf(address ?? '');
  return address === null || family === null ? null : { text: address, family };
}

function noAddress(text: string): string {
  return `'${text}' is neither an address nor a name: write a network as 192.0.2. or 192.0.2.0/24`;
}

function familyOf(address: string): Family | null {
  const version = ipVersion(address);
  return version === 0 ? null : version === 4 ? 'ipv4' : 'ipv6';
}
