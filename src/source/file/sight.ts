/** How a path and the directories around it looked when the files of its log were last traced. */
import { changesAround } from './around.ts';
import { glanceAt, type Stamp } from './position.ts';

export class Sight {
  /** Which file was at the path then; '' to trace again. */
  key = '';
  /** How that file was when its last look began. */
  stamp: Stamp | null = null;
  /** Where the path leads to. */
  target: string;
  readonly #path: string;
  /** The state of the directories; '' where the next change may not show. */
  #around = '';

  constructor(path: string) {
    this.#path = this.target = path;
  }

  /** Before files are traced. */
  take(): void {
    ({ key: this.key, stamp: this.stamp } = glanceAt(this.#path));
    this.#around = changesAround(this.#path, this.target);
  }

  /**
   * Whether files may have been renamed since.
   * @param areAround whether to look at the directories too: nothing else reports their changes
   */
  hasMoved(areAround: boolean): boolean {
    const { key, stamp } = glanceAt(this.#path);
    this.stamp = stamp;
    if (key !== this.key) return true;
    return areAround && changesAround(this.#path, this.target) !== this.#around;
  }
}
