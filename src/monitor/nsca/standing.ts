/** What is known of an NSCA daemon from earlier sessions. */
import { MonitorError } from '../error.ts';

/**
 * How long to wait after a rejected connection, ms: the daemon often never serves one that follows
 * at once.
 */
export const LEAVE = 200;

/**
 * What is known of the password and the method: nothing, that they are right, or that something was
 * refused.
 */
export class Standing {
  #is: 'new' | 'trusted' | 'suspect' = 'new';
  #leaveUntil = 0;

  get is(): 'new' | 'trusted' | 'suspect' {
    return this.#is;
  }

  /** How many more milliseconds to leave the daemon alone. */
  get leave(): number {
    return Math.max(0, this.#leaveUntil - performance.now());
  }

  taken(): void {
    this.#is = 'trusted';
  }

  failed(error: unknown): void {
    if (!(error instanceof MonitorError)) return;
    if (this.#is === 'trusted') this.#is = 'new';
    if (error.kind === 'refused') this.#is = 'suspect';
    if (error.kind !== 'down') this.#leaveUntil = performance.now() + LEAVE;
  }
}
