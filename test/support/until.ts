import { setTimeout as pause } from 'node:timers/promises';
import { evidence } from './evidence.ts';

/**
 * Waits for something that another process does: asks until the answer is truthy and gives it back.
 * The time is for a machine that does much else: a test waits for its end only if it fails.
 * @param what named in the error when `ms` milliseconds have passed, with what the test's programs
 *   wrote
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  ms = 120_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + ms;
  for (;;) {
    // Looked at before it asks: this process itself may have been held up.
    const isLast = performance.now() > deadline;
    const answer = await ask();
    if (answer) return answer;
    if (isLast) throw new Error(`waited ${ms} ms in vain for ${what}${evidence()}`);
    await pause(20);
  }
}
