/** How many results are sent at a time: as configured, or fewer while a monitor has trouble. */

/** How many successful groups it takes to recover from the smallest size. */
const STEPS = 20;

/** The size of the next group after one that the monitor did not take, or took slowly. */
export function half(size: number): number {
  return Math.max(1, Math.floor(size / 2));
}

/**
 * The size of the next group: half of the last one if that failed, a little more if it succeeded.
 * @param most as configured
 */
export function nextSize(size: number, most: number, wentWell: boolean): number {
  if (!wentWell) return half(size);
  return Math.min(most, size + Math.ceil(most / STEPS));
}
