/** A time as it is shown to people, `2026-11-22T21:15:00Z`: ms since 1970, cut to seconds, UTC. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
