/** Whether compressed files are what they begin like: some programs begin each log alike. */
import { isShortage } from '../../host/shortage.ts';
import { ChangedError, passOver } from './content.ts';
import type { FoundFile } from './found.ts';
import { PRINT, sameFile, type Mark } from './position.ts';
import { PROOF, traceFiles, type Trace } from './trace.ts';
import { Unpacker } from './unpack.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Traces files as `traceFiles` does, except that a compressed file has to go on like the known one
 * as far as that was read. Finding that out takes time, once for each compressed file.
 * @param isOpen whether a known file is open: then its own descriptor is read on
 */
export async function tracePacked(
  known: readonly Mark[],
  files: readonly FoundFile[],
  since: number,
  isOpen: (mark: Mark) => boolean,
): Promise<Trace> {
  const current = files.find(({ role }) => role === 'current');
  const checked = new Map<FoundFile, Mark | FoundFile>();
  for (;;) {
    const trace = traceFiles(known, files, since);
    const places = [...trace.places].filter(
      ([mark, place]) =>
        checked.get(place) !== mark && !isOpen(mark) && isDoubtful(mark, place, { known, files }),
    );
    const copies = [...trace.copies].filter((it) => it.packed && !checked.has(it));
    if (places.length === 0 && copies.length === 0) return trace;
    for (const [mark, place] of places) {
      if (await goesOnLike(place, mark)) checked.set(place, mark);
      else place.distinguish(mark);
    }
    for (const copy of copies) {
      if (current === undefined || (await isBeginningOf(current, copy))) checked.set(copy, copy);
      else copy.distinguish(current);
    }
  }
}

/** Whether a compressed file may be another one than its beginning suggests. */
function isDoubtful(
  mark: Mark,
  place: FoundFile,
  { known, files }: { known: readonly Mark[]; files: readonly FoundFile[] },
): boolean {
  if (!place.packed || sameFile(place.id, mark)) return false;
  // The rest of one that was read to its end is not looked at, unless others begin alike.
  const isAlike =
    known.some((it) => it !== mark && it.head.hash === mark.head.hash) ||
    files.some((it) => it !== place && beginsAlike(it, place));
  return !mark.done || isAlike;
}

function beginsAlike(one: FoundFile, other: FoundFile): boolean {
  const [a, b] = [one.head(), other.head()];
  const size = Math.min(a.length, b.length);
  return size >= PROOF && a.subarray(0, size).equals(b.subarray(0, size));
}

/** Whether a file has what was read of another one. A damaged one may: reading it shows that. */
async function goesOnLike(file: FoundFile, mark: Mark): Promise<boolean> {
  const passed = await passOver(file.packing!, file.takeDescriptor(), mark);
  return !(passed instanceof ChangedError);
}

/** Whether all that is in a compressed file is at the beginning of another one. */
async function isBeginningOf(current: FoundFile, packed: FoundFile): Promise<boolean> {
  const content = new Unpacker(packed.packing!, packed.takeDescriptor());
  let size = 0;
  let last: Buffer = NOTHING;
  for (;;) {
    const some = await content.fill(1);
    if (some.length === 0) break;
    size += some.length;
    last = Buffer.concat([last, some.subarray(-PRINT)]).subarray(-PRINT);
    content.drop(some.length);
  }
  await content.close();
  if (isShortage(content.failure)) throw content.failure;
  return current.before(size).equals(last);
}
