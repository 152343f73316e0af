/** Names of log files: globs, and what log rotation makes of a name. */

/** Compressors' endings; only `.gz` can be read. */
const PACKED = /\.(?:gz|bz2|xz|zst|lz4|lzma|Z)$/;

/**
 * What logrotate, savelog, newsyslog, rsyslog and administrators append: `.1`, `-20261122`,
 * `.2026-11-22`, `-2026112213`, `-20261122-1690000000`, `.old`.
 */
const NUMBER = /^\.(\d{1,4})$/;
const DATE = /^[-._]\d{4}[-_.]?\d{2}[-_.]?\d{2}(?:[-_.T:]?\d{1,10})*$/;
const WORD = /^(?:[-._](?:old|bak|prev|save|orig)|~)$/i;
const ROTATED =
  /(?:\.\d{1,4}|[-._]\d{4}[-_.]?\d{2}[-_.]?\d{2}(?:[-_.T:]?\d{1,10})*|[-._](?:old|bak|prev|save|orig)|~)$/i;

/** A name that rotation made of another. */
export interface Rotation {
  readonly kind: 'number' | 'date' | 'word';
  /** What was added, without a compressor's ending. */
  readonly added: string;
  readonly packed: boolean;
}

/** How `name` was made of `base` by rotation, or null when it was not. */
export function rotationOf(base: string, name: string): Rotation | null {
  if (name === base) return null;
  const packed = PACKED.test(name);
  const plain = name.replace(PACKED, '');
  if (plain === base) return { kind: 'word', added: '', packed };
  for (const [stem, end] of [[base, ''], splitExtension(base)] as const) {
    if (!plain.startsWith(stem) || !plain.endsWith(end)) continue;
    if (plain.length <= stem.length + end.length) continue;
    const added = plain.slice(stem.length, plain.length - end.length);
    if (NUMBER.test(added)) return { kind: 'number', added, packed };
    if (DATE.test(added)) return { kind: 'date', added, packed };
    if (WORD.test(added)) return { kind: 'word', added, packed };
  }
  return null;
}

/** `auth.log` as `auth` and `.log`: logrotate's `extension` puts the date between them. */
function splitExtension(name: string): [string, string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}

/** Sorts rotated files of one base oldest first. */
export function byAge<T extends { rotation: Rotation; mtime: number }>(files: readonly T[]): T[] {
  // Names say the order, but only among names of one kind; the kinds follow each other as their
  // newest files do (someone went from numbers to dates).
  const kinds = Map.groupBy(files, (file) => file.rotation.kind);
  const newest = (group: readonly T[]) => Math.max(...group.map((file) => file.mtime));
  return [...kinds.values()]
    .toSorted((a, b) => newest(a) - newest(b))
    .flatMap((group) => group.toSorted(older));
}

function older(a: { rotation: Rotation }, b: { rotation: Rotation }): number {
  const order = a.rotation.added.localeCompare(b.rotation.added, 'en', { numeric: true });
  return a.rotation.kind === 'number' ? -order : order;
}

/** Whether a configured path is a glob: `*` or `?` in its last part. */
export function isGlob(path: string): boolean {
  return /[*?][^/]*$/.test(path);
}

/**
 * Which of a directory's names are streams of a glob: those that match it, without hidden ones,
 * compressed ones and what rotation made of a name that matches too.
 */
export function streamNames(pattern: string, names: readonly string[]): string[] {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const match = new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  const present = new Set(names);
  return names.filter((name) => {
    if (!match.test(name) || name.startsWith('.') || PACKED.test(name)) return false;
    if (match.test(name.replace(ROTATED, '')) && ROTATED.test(name)) return false;
    // worker.1.log may be the log of a first worker: it is a rotated one only beside worker.log.
    const [stem, end] = splitExtension(name);
    return !(ROTATED.test(stem) && present.has(stem.replace(ROTATED, '') + end));
  });
}
