/**
 * What log rotation makes of a name: the only definition of "rotated". The name alone decides where
 * it is unambiguous; otherwise a file is recognised by its identity and content (see `found.ts`).
 */
import type { Packing } from './unpack.ts';

/** Endings of compressed files, and what decompresses them; null: it cannot be read. */
const PACKINGS: Readonly<Record<string, Packing | null>> = {
  gz: 'gzip',
  bz2: 'bzip2',
  xz: 'xz',
  lzma: 'xz',
  zst: 'zstd',
  lz4: null,
  Z: null,
};
const PACKED = /\.(gz|bz2|xz|zst|lz4|lzma|Z)$/;

/**
 * What logrotate, savelog, newsyslog, rsyslog and administrators append: `.1`, `-20261122`,
 * `.2026-11-22`, `-202611`, `-2026-W48`, `-20261122T090000+0100`, `-20261122-1690000000`,
 * `-1690000000`, `.old`.
 */
const NUMBER = /^\.\d{1,4}$/;
const DATE = /^[-._](?:(?:19|20)\d{2}(?:[-_.:T+]?[WQ]?\d{1,10})*Z?|1\d{9})$/;
const WORD = /^(?:[-._](?:old|bak|prev|save|orig)|~)$/i;

/** How a name was made of another one by rotation. */
export interface Rotation {
  /** `like`: named like another file of the same log, in a way that we do not know otherwise. */
  readonly kind: 'number' | 'date' | 'word' | 'like';
  /** What was added, without a compressor's ending. */
  readonly added: string;
  /** Whether it stands at the end, rather than before the extension (`web.1.log`). */
  readonly appended: boolean;
  readonly packed: boolean;
}

/**
 * What decompresses a file, by its name; undefined where it is not compressed, null where nothing
 * can.
 */
export function packingOf(name: string): Packing | null | undefined {
  const ending = PACKED.exec(name)?.[1];
  return ending === undefined ? undefined : PACKINGS[ending];
}

export function isPacked(name: string): boolean {
  return PACKED.test(name);
}

/**
 * How rotation made `name` from `base`; null if it did not.
 * @param like names of files that were found to be this log's rotated ones, by identity or content
 */
export function rotationOf(
  base: string,
  name: string,
  like: readonly string[] = [],
): Rotation | null {
  const [stem, end] = splitExtension(base);
  if (name === base || !name.startsWith(stem)) return null;
  const packed = isPacked(name);
  const plain = packed ? name.replace(PACKED, '') : name;
  if (plain === base) return { kind: 'word', added: '', appended: true, packed };
  for (const appended of [true, false]) {
    const added = appended ? between(plain, base, '') : between(plain, stem, end);
    if (added === null) continue;
    const kind = kindOf(added) ?? (like.some((it) => isLike(base, plain, it)) ? 'like' : null);
    if (kind !== null) return { kind, added, appended, packed };
  }
  return null;
}

function kindOf(added: string): Rotation['kind'] | null {
  if (NUMBER.test(added)) return 'number';
  if (DATE.test(added)) return 'date';
  return WORD.test(added) ? 'word' : null;
}

/**
 * What is between the two in a name; null where the name has another form, or nothing is between
 * them.
 */
function between(name: string, start: string, end: string): string | null {
  if (!name.startsWith(start) || !name.endsWith(end)) return null;
  return name.length > start.length + end.length
    ? name.slice(start.length, name.length - end.length)
    : null;
}

/** Whether two names contain a number, and differ only in numbers and names of months. */
function isLike(base: string, a: string, b: string): boolean {
  const shape = (name: string) =>
    name
      .slice(stemOf(base).length)
      .replace(/\d+/g, '0')
      .replace(/[a-z]+/gi, 'a');
  const of = shape(a);
  return of.includes('0') && of === shape(b.replace(PACKED, ''));
}

/** What every name begins with that rotation may have made of a name. */
export function stemOf(base: string): string {
  return splitExtension(base)[0];
}

/** `auth.log` as `auth` and `.log`: logrotate's `extension` puts the date between them. */
function splitExtension(name: string): [string, string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}

/** The names from which rotation may have made a name, appended ones first. */
export function basesOf(name: string): { base: string; appended: boolean }[] {
  const plain = name.replace(PACKED, '');
  const bases = plain === name ? [] : [{ base: plain, appended: true }];
  bases.push(...startsOf(plain).map((base) => ({ base, appended: true })));
  const [stem, end] = splitExtension(plain);
  if (end !== '')
    bases.push(...startsOf(stem).map((start) => ({ base: start + end, appended: false })));
  return bases;
}

/** What precedes an addition of rotation at the end of a text, the longest first. */
function startsOf(text: string): string[] {
  // Every addition begins with one of these characters.
  const places = [...text.matchAll(/[-._~]/g)].map(({ index }) => index).toReversed();
  return places
    .filter((at) => at > 0 && kindOf(text.slice(at)) !== null)
    .map((at) => text.slice(0, at));
}

/** Sorts rotated files of one base oldest first. */
export function byAge<T extends { rotation: Rotation; mtime: number }>(files: readonly T[]): T[] {
  // Names give the order, but only among names of one kind. The kinds are ordered by their newest
  // files (someone changed from numbers to dates).
  const kinds = Map.groupBy(files, ({ rotation }) => `${rotation.kind} ${rotation.appended}`);
  const newest = (group: readonly T[]) => Math.max(...group.map((file) => file.mtime));
  return [...kinds.values()]
    .toSorted((a, b) => newest(a) - newest(b))
    .flatMap((group) => group.toSorted(older));
}

function older<T extends { rotation: Rotation; mtime: number }>(a: T, b: T): number {
  const { kind, added } = a.rotation;
  const order = added.localeCompare(b.rotation.added, 'en', { numeric: true });
  if (kind === 'number') return -order;
  // Names of months and zones have no order of their own.
  return kind === 'like' || /[+Z]/.test(added) ? a.mtime - b.mtime || order : order;
}
