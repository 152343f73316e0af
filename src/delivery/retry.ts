/** When to try a monitor again after a failure. */

const SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300];

/**
 * Milliseconds to wait after a number of failures in a row (at least 1): up to a fifth shorter than
 * in the table, so that the hosts that lost a monitor do not all return to it at once.
 * @param random a number from 0 to 1, as from Math.random
 */
export function retryDelay(failures: number, random: number): number {
  const seconds = SECONDS[Math.min(failures, SECONDS.length) - 1]!;
  return Math.round(seconds * 1000 * (1 - random / 5));
}
