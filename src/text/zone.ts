/**
 * Time zones: from what the clocks of a place show to milliseconds since 1970. A time of day that
 * a place has twice (the end of summer time) has two readings, one that it skips has one.
 */

/** Milliseconds to add to universal time for what the clocks of a place show then. */
type OffsetAt = (utc: number) => number;

const DAY = 86_400_000;
const MINUTE = 60_000;
const FIXED = /^([+-])(\d\d):?(\d\d)?$/;

export class Zone {
  readonly #offsetAt: OffsetAt;
  /** What was asked last: the lines of a log are of the same minute mostly. */
  #latest: { readonly shown: number; readonly readings: readonly number[] } | null = null;

  private constructor(offsetAt: OffsetAt) {
    this.#offsetAt = offsetAt;
  }

  /** The zone that this machine is set to. */
  static readonly local = new Zone((utc) => -new Date(utc).getTimezoneOffset() * MINUTE);

  /** @param offset milliseconds ahead of universal time */
  static fixed(offset: number): Zone {
    return new Zone(() => offset);
  }

  /** A zone by its IANA name or as `+HH:MM`; null where there is none. */
  static named(name: string): Zone | null {
    const offset = fixedOffset(name);
    if (offset !== null) return Zone.fixed(offset);
    try {
      Temporal.Now.zonedDateTimeISO(name);
    } catch {
      return null;
    }
    return new Zone(
      (utc) =>
        Temporal.Instant.fromEpochMilliseconds(utc).toZonedDateTimeISO(name).offsetNanoseconds /
        1e6,
    );
  }

  /**
   * When the clocks show a time, ms since 1970, earliest first; never empty.
   * @param shown what they show, as ms since 1970 in universal time
   */
  readings(shown: number): readonly number[] {
    if (this.#latest?.shown !== shown) this.#latest = { shown, readings: this.#read(shown) };
    return this.#latest.readings;
  }

  #read(shown: number): number[] {
    // No zone changes twice within two days.
    const before = this.#offsetAt(shown - DAY);
    const after = this.#offsetAt(shown + DAY);
    if (before === after) return [shown - before];
    const readings = [before, after]
      .map((offset) => ({ offset, at: shown - offset }))
      .filter(({ offset, at }) => this.#offsetAt(at) === offset)
      .map(({ at }) => at);
    return readings.length === 0 ? [shown - before] : readings.toSorted((a, b) => a - b);
  }
}

/** The offset that `+HH:MM`, `+HHMM` or `+HH` names, ms; null for any other text. */
export function fixedOffset(text: string): number | null {
  const m = FIXED.exec(text);
  if (m === null) return null;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3] ?? 0)) * MINUTE;
}
