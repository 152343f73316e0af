/** Words of alerts. */

/** Seconds in a unit, the largest first. */
const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
];

/** A duration in its largest whole unit, rounded where that costs little: `60s`, `2m`, `1h`. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const fits = (size: number) => seconds >= 10 * size || (seconds > 60 && seconds % size === 0);
  const [size, name] = UNITS.find(([unit]) => fits(unit)) ?? [1, 's'];
  return `${Math.round(seconds / size)}${name}`;
}
