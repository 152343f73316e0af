/** Durations and sizes as an administrator writes them. */

const DURATION: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `90s`, `5m`, `1h`, `7d`, `100ms`, `1h 30m` in ms; 0 needs no unit; null: not a duration. */
export function duration(text: string): number | null {
  return sum(text, DURATION);
}

/** `64MiB`, `512KiB`, `4096B` in bytes; null: not a size. */
export function size(text: string): number | null {
  return sum(text, SIZE);
}

function sum(text: string, units: Record<string, number>): number | null {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (!/^(\d+(\.\d+)?\s*[a-zA-Z]+\s*)+$/.test(trimmed)) return null;
  let total = 0;
  for (const [, number, unit] of trimmed.matchAll(/([\d.]+)\s*([a-zA-Z]+)/g)) {
    const factor = units[unit ?? ''];
    if (factor === undefined) return null;
    total += Number(number) * factor;
  }
  return Math.round(total);
}
