/** Files of the journal that journalctl leaves out. */
import { JournalctlError } from './command.ts';

/** How often in a row a file is left out before the journal is read without it. */
const TRIES = 3;

/**
 * Decides what a file means that journalctl could not open. It compares fields of a file's header
 * with each other that journald changes one after the other, so it may leave out the very file that
 * journald writes to (systemd's pull requests 41993 and 43467): that passes. A damaged file stays.
 */
export class LeftOut {
  readonly #lost: (what: string) => void;
  /** For each file in journalctl's words how often in a row it was left out. */
  #times = new Map<string, number>();

  /** @param lost called once for a file that cannot be read for good */
  constructor(lost: (what: string) => void) {
    this.#lost = lost;
  }

  /** How often in a row a file was left out that may be read the next time; 0 if there is none. */
  get tries(): number {
    return Math.max(0, ...[...this.#times.values()].filter((times) => times < TRIES));
  }

  /**
   * Takes what a journalctl that has ended well says about the files that it left out.
   * @throws JournalctlError while one of them may be read the next time
   */
  note(files: readonly string[]): void {
    this.#times = new Map(files.map((file) => [file, (this.#times.get(file) ?? 0) + 1]));
    for (const [file, times] of this.#times)
      if (times === TRIES)
        this.#lost(`journalctl cannot open a file of the journal and does not read it: ${file}`);
    if (this.tries > 0) throw new JournalctlError('partial', files.join(', '));
  }
}
