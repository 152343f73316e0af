/**
 * When to try a monitor again after a failure, and how fast to return to it once it takes results.
 * A whole fleet may have waited for it: random delays keep its hosts apart.
 */

/**
 * The shortest and the longest delay after each failure in a row, in seconds; a delay is random
 * between them. The last row spreads agents that lost a monitor at one moment over a minute. The others
 * keep them together, so that after a short outage none waits much longer than others.
 */
const DELAYS: readonly (readonly [number, number])[] = [
  [0.5, 1],
  [1, 2],
  [2.5, 5],
  [5, 10],
  [10, 20],
  [10, 30],
  [1, 60],
];
/** From there on each keeps its place in that minute, so that none waits much longer than others. */
const LAST = [60, 60] as const;

/** The longest pause between two sessions on the way back, ms. */
const PAUSE = 20_000;

/** A session was taken promptly within this time, and a while more for each result, ms. */
const PROMPT = 5_000;
/** NSCA's daemon needs a second for a packet that arrives in pieces, as on a slow link. */
const PROMPT_EACH = 1_000;

/**
 * Milliseconds to wait after a number of failures in a row (at least 1).
 * @param random a number from 0 to 1, as from Math.random: 0 for the longest delay
 */
export function retryDelay(failures: number, random: number): number {
  const [shortest, longest] = delaysAfter(failures);
  return Math.round(1000 * (longest - random * (longest - shortest)));
}

/**
 * Milliseconds to wait between two sessions that the monitor takes, while a number of failures is
 * not cancelled yet: at most the longest delay after as many failures, and at most PAUSE.
 * @param random a number from 0 to 1, as from Math.random
 */
export function returnPause(failures: number, random: number): number {
  return Math.round(random * Math.min(retryDelay(failures, 0), PAUSE));
}

/** Whether the monitor took a session as fast as one that has nothing else to do. */
export function isPrompt(results: number, took: number): boolean {
  return took <= PROMPT + PROMPT_EACH * results;
}

function delaysAfter(failures: number): readonly [number, number] {
  return DELAYS[failures - 1] ?? LAST;
}
