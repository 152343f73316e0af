/** A time, ms since 1970, as it is shown to people: in seconds, UTC, `2026-11-22T21:15:00Z`. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
