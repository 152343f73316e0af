/**
 * A file in Nagios' spool directory (check_result_path): what happens to it is the only answer that
 * Nagios Core gives.
 *
 * It is written and synced as `denywatch-PID-START-TIME-cXXXXXX.draft`, linked to `cXXXXXX`, a name
 * that Nagios looks for, and released by an empty `cXXXXXX.ok`. Then the draft loses its ending:
 * the rest of the name is our *mark*. Nagios removes the other two once it has read the file, in
 * that order. The mark shows that the file was there: without it, a directory that vanished or was
 * cleaned up would look the same. It also shows this to the process that follows a killed one.
 */
import { randomInt } from 'node:crypto';
import {
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { isAlive, thisProcess } from './owner.ts';
import { keysIn } from './record.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const MARK = /^denywatch-(?<pid>\d+)-(?<start>\d+)-(?<time>\d+)-(?<name>c\w{6})(?:\.draft)?$/;

/** No file of ours is larger, bytes. */
const LARGEST = 1024 ** 2;

/**
 * `waiting`: Nagios has not read it. `read`: it has. `unknown`: it is gone, and it is not known
 * whether Nagios read it. `half`: it is gone, but its `.ok` is not; that lasts only a moment,
 * unless Nagios could not read the file.
 */
export type State = 'waiting' | 'read' | 'half' | 'unknown';

/** Where a file is, and up to which age Nagios reads it, ms. */
interface Place {
  readonly directory: string;
  readonly maxAge: number;
}

export class SpoolFile {
  readonly #place: Place;
  readonly #name: string;
  readonly #mark: string;
  /** When it was written, ms since 1970. */
  readonly #time: number;

  private constructor(place: Place, name: string, mark: string, time: number) {
    this.#place = place;
    this.#name = name;
    this.#mark = mark;
    this.#time = time;
  }

  /** Writes a file and releases it to Nagios. Throws the system's error; then nothing is left. */
  static async release(place: Place, text: string): Promise<SpoolFile> {
    const name = `c${Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`;
    const { pid, start } = thisProcess();
    const time = Date.now();
    const file = new SpoolFile(place, name, `denywatch-${pid}-${start}-${time}-${name}`, time);
    const draft = `${file.#path(file.#mark)}.draft`;
    try {
      const handle = await open(draft, 'wx', 0o644);
      try {
        // Despite the umask: Nagios is another user, and deletes what it cannot read.
        await handle.chmod(0o644);
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      linkSync(draft, file.#path(name));
      writeFileSync(file.#ok, '', { flag: 'wx', mode: 0o644 });
      renameSync(draft, file.#path(file.#mark));
    } catch (error) {
      file.withdraw();
      throw error;
    }
    return file;
  }

  /** The files that processes left which have ended. */
  static left(place: Place): SpoolFile[] {
    return readdirSync(place.directory).flatMap((mark) => {
      const { name, pid, start, time } = MARK.exec(mark)?.groups ?? {};
      if (name === undefined || isAlive({ pid: Number(pid), start: Number(start) })) return [];
      return [new SpoolFile(place, name, mark, Number(time))];
    });
  }

  state(): State {
    const mark = statOf(this.#path(this.#mark));
    // A draft that a process left behind may never have been released.
    if (mark === undefined || this.#mark.endsWith('.draft')) return 'unknown';
    // Files of other users are not ours to read.
    if (!mark.isFile() || mark.size > LARGEST) return 'unknown';
    if (statOf(this.#path(this.#name))?.ino === mark.ino) return 'waiting';
    if (statOf(this.#ok) !== undefined) return 'half';
    // Nagios may have found it too old, if the clock was set. After a power failure the directory
    // may be in the state of some time before.
    const age = Date.now() - this.#time;
    return age < Math.min(this.#place.maxAge, 1000 * uptime()) ? 'read' : 'unknown';
  }

  /** The keys of the results in it. */
  keys(): string[] {
    return keysIn(readFileSync(this.#path(this.#mark), 'utf8'));
  }

  /**
   * Takes it back, or what is left of it. Throws nothing: what cannot be removed belongs to Nagios.
   */
  withdraw(): void {
    const mark = this.#path(this.#mark);
    const own = statOf(mark) ?? statOf(`${mark}.draft`);
    const there = statOf(this.#path(this.#name));
    // Another file may have the name by now. The `.ok` that releases it is removed first.
    if (there === undefined || there.ino === own?.ino) {
      remove(this.#ok);
      remove(this.#path(this.#name));
    }
    remove(mark);
    remove(`${mark}.draft`);
  }

  /** Removes the mark of a file that was read. */
  forget(): void {
    remove(this.#path(this.#mark));
  }

  get #ok(): string {
    return `${this.#path(this.#name)}.ok`;
  }

  #path(name: string): string {
    return join(this.#place.directory, name);
  }
}

function statOf(path: string) {
  try {
    return lstatSync(path);
  } catch {
    // The file is gone, or the whole directory.
    return undefined;
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The directory is no longer ours: its files belong to Nagios.
  }
}
