import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits for something that another process does: asks until the answer is truthy and gives it back.
 * @param what named in the error when `ms` milliseconds have passed
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  ms = 20_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await pause(20);
  }
}
