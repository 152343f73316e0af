/**
 * Records of `journalctl -o json`, one JSON object a line, kept as raw bytes: nearly all of them
 * are passed on unparsed; only their cursors are read.
 *
 * A cursor is `s=…;i=…;b=…;m=…;t=…;x=…`: the file's sequence (s, i), boot id, monotonic and wall
 * time in microseconds (hexadecimal), and a hash of the contents.
 */

/**
 * How `journalctl` writes the field, now and before systemd 240. No value can hold these bytes: a
 * quote in it is escaped.
 */
const CURSOR = [Buffer.from('"__CURSOR":"'), Buffer.from('"__CURSOR" : "')];
const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** The cursor of one record; undefined where the bytes are not a record. */
export function cursorOf(record: Buffer): string | undefined {
  for (const key of CURSOR) {
    const at = record.indexOf(key);
    const end = at === -1 ? -1 : record.indexOf(QUOTE, at + key.length);
    if (end !== -1) return record.toString('latin1', at + key.length, end);
  }
  return undefined;
}

/** The id of the machine that a record names as its own. */
export function machineOf(record: Buffer): string | undefined {
  return /"_MACHINE_ID" ?: ?"([0-9a-f]{32})"/.exec(record.toString('latin1'))?.[1];
}

/**
 * What identifies the entry of a cursor: boot, times and contents, as libsystemd compares them. The
 * sequence is left out, because an entry gets a new one when journald flushes it from /run to /var.
 */
export function entryOf(cursor: string): string {
  const boot = cursor.indexOf(';b=');
  return boot === -1 ? cursor : cursor.slice(boot);
}

/** When the entry of a cursor was received, milliseconds since 1970; NaN if it is not a cursor. */
export function cursorTime(cursor: string): number {
  return parseInt(/;t=([0-9a-f]+)/.exec(cursor)?.[1] ?? '', 16) / 1000;
}

/** The boot in which the entry of a cursor was received; undefined if it is not a cursor. */
export function bootOf(cursor: string): string | undefined {
  return /;b=([0-9a-f]+)/.exec(cursor)?.[1];
}

/** Microseconds since that boot; NaN if it is not a cursor. */
export function monotonicTime(cursor: string): number {
  return parseInt(/;m=([0-9a-f]+)/.exec(cursor)?.[1] ?? '', 16);
}

/** The entries handed over last: `journalctl` may write an entry again from another file. */
export interface SeenEntries {
  add(cursor: string): void;
  has(cursor: string): boolean;
}

/** Remembers the last `limit` entries. */
export function seenEntries(limit = 1024): SeenEntries {
  const entries = new Set<string>();
  return {
    add: (cursor) => {
      entries.add(entryOf(cursor));
      if (entries.size > limit) for (const oldest of entries.keys().take(1)) entries.delete(oldest);
    },
    has: (cursor) => entries.has(entryOf(cursor)),
  };
}

/** The records of a block that were not handed over before, and the cursor of the last of them. */
export interface FreshRecords {
  readonly bytes: Buffer;
  readonly cursor: string;
}

/**
 * Drops from a block of whole records those seen before and what is not a record; null if nothing
 * is left.
 */
export function freshRecords(block: Buffer, seen: SeenEntries): FreshRecords | null {
  const kept: Buffer[] = [];
  let cursor: string | undefined;
  for (let start = 0, end; start < block.length; start = end) {
    end = block.indexOf(NEWLINE, start) + 1 || block.length;
    const record = block.subarray(start, end);
    const its = cursorOf(record);
    if (its === undefined || seen.has(its)) continue;
    seen.add(its);
    kept.push(record);
    cursor = its;
  }
  if (cursor === undefined) return null;
  const whole = kept.reduce((sum, record) => sum + record.length, 0) === block.length;
  return { bytes: whole ? block : Buffer.concat(kept), cursor };
}

/**
 * Cuts a stream of bytes into blocks of whole records. A record longer than `limit` bytes is
 * skipped and reported to `tooLong`: a MESSAGE may have hundreds of megabytes, a refusal does not.
 * @returns a function that takes the next bytes and returns the whole records that they complete
 */
export function recordBlocks(
  tooLong: (bytes: number) => void,
  limit = 1 << 20,
): (chunk: Buffer) => Buffer | null {
  let pieces: Buffer[] = [];
  let size = 0;
  /** Completes the record begun in earlier chunks with its last bytes. */
  const complete = (last: Buffer): Buffer[] => {
    const length = size + last.length;
    const record = [...pieces, last];
    pieces = [];
    size = 0;
    if (length <= limit) return record;
    tooLong(length);
    return [];
  };
  return (chunk) => {
    const first = chunk.indexOf(NEWLINE) + 1;
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    const whole =
      first === 0 ? [] : [...complete(chunk.subarray(0, first)), chunk.subarray(first, last)];
    size += chunk.length - last;
    if (size > limit) pieces = [];
    else if (last < chunk.length) pieces.push(chunk.subarray(last));
    const block = whole.length === 1 ? (whole[0] as Buffer) : Buffer.concat(whole);
    return block.length === 0 ? null : block;
  };
}
