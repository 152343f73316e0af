/** What a disk may hold after the power was lost. */
import { rmSync, writeFileSync } from 'node:fs';
import type { Change } from './record.ts';

/** What a disk writes whole or not at all, bytes. */
const SECTOR = 512;

type Random = (below: number) => number;

/** Of one file: the bytes that are sure, and what was done since. */
interface File {
  bytes: Buffer;
  pending: Extract<Change, { kind: 'write' | 'cut' }>[];
  /** Whether its name is there for sure, and what has become of it since. */
  named: boolean;
  renamed: boolean[];
}

/**
 * Puts files as the disk may hold them when the power is lost after so many changes: what was synced
 * is there; of the rest some is, in any order, some in part.
 */
export function writeState(changes: readonly Change[], random: Random): void {
  const files = new Map<string, File>();
  for (const change of changes) apply(change, files);
  for (const [path, { bytes, pending, named, renamed }] of files) {
    const isThere = renamed.length === 0 ? named : [named, ...renamed][random(renamed.length + 1)];
    rmSync(path, { force: true });
    if (isThere === true) writeFileSync(path, somehow(bytes, pending, random));
  }
}

function apply(change: Change, files: Map<string, File>): void {
  if (change.kind === 'said') return;
  if (change.kind === 'sync names') {
    for (const file of files.values()) {
      file.named = file.renamed.at(-1) ?? file.named;
      file.renamed = [];
    }
    return;
  }
  let file = files.get(change.file);
  if (file === undefined) {
    file = { bytes: Buffer.alloc(0), pending: [], named: false, renamed: [] };
    files.set(change.file, file);
  }
  if (change.kind === 'name') {
    file.renamed.push(change.isThere);
    if (!change.isThere) return;
    // One that is created again is empty.
    file.bytes = Buffer.alloc(0);
    file.pending = [];
  } else if (change.kind === 'sync') {
    file.bytes = file.pending.reduce((bytes, one) => changed(bytes, one), file.bytes);
    file.pending = [];
    // The name of a new file goes to the disk with it.
    if (file.renamed.at(-1) === true) {
      file.named = true;
      file.renamed = [];
    }
  } else file.pending.push(change);
}

/** Some of the pending changes, in any order: whole, or only some sectors of them. */
function somehow(bytes: Buffer, pending: File['pending'], random: Random): Buffer {
  const chance = random(4);
  const some = pending.filter(() => chance === 3 || random(3) < chance);
  for (let i = some.length - 1; i > 0; i--) {
    const other = random(4) === 0 ? random(i + 1) : i;
    [some[i], some[other]] = [some[other]!, some[i]!];
  }
  return some.reduce((before, one) => {
    if (one.kind === 'cut' || random(4) > 0) return changed(before, one);
    return sectors(one).reduce((all, part) => (random(2) === 0 ? all : changed(all, part)), before);
  }, bytes);
}

function sectors(write: Extract<Change, { kind: 'write' }>): Extract<Change, { kind: 'write' }>[] {
  const parts = [];
  for (let from = 0; from < write.bytes.length;) {
    const end = from + SECTOR - ((write.at + from) % SECTOR);
    parts.push({ ...write, at: write.at + from, bytes: write.bytes.subarray(from, end) });
    from = end;
  }
  return parts;
}

/** Changes the bytes where they are, as far as there is room. */
function changed(bytes: Buffer, change: File['pending'][number]): Buffer {
  if (change.kind === 'cut') return resized(bytes, change.size);
  const size = Math.max(bytes.length, change.at + change.bytes.length);
  const next = size === bytes.length ? bytes : resized(bytes, size);
  change.bytes.copy(next, change.at);
  return next;
}

function resized(bytes: Buffer, size: number): Buffer {
  const next = Buffer.alloc(size);
  bytes.copy(next);
  return next;
}
