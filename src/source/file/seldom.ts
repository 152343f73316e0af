/** Repeats what looks at many files, seldom enough that it costs almost nothing. */
export class Seldom {
  readonly #share: number;
  readonly #now: () => number;
  #next = -Infinity;

  /**
   * @param share it takes at most one part in this many of the time
   * @param now ms
   */
  constructor(share: number, now = () => performance.now()) {
    this.#share = share;
    this.#now = now;
  }

  /** Does it, unless it was done a short time ago. @param least ms between two times */
  do(least: number, look: () => void): void {
    const began = this.#now();
    if (began < this.#next) return;
    look();
    this.#next = began + Math.max(least, (this.#now() - began) * this.#share);
  }
}
