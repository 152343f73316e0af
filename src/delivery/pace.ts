/** How many results may go at a time: as many as configured, fewer while a monitor is in trouble. */

/** It takes so many groups that went well to make up for the worst. */
const STEPS = 20;

/** The size of the next group after one that the monitor did not take, or took slowly. */
export function half(size: number): number {
  return Math.max(1, Math.floor(size / 2));
}

/**
 * The size of the next group: half of the last one where that didn't go well, a little more where
 * it did.
 * @param most as configured
 */
export function nextSize(size: number, most: number, wentWell: boolean): number {
  if (!wentWell) return half(size);
  return Math.min(most, size + Math.ceil(most / STEPS));
}
