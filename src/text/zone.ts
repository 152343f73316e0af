/**
 * Time zones: converts local time to milliseconds since 1970. A time of day that occurs twice (at
 * the end of summer time) has two readings, one that is skipped has one.
 */

/** Milliseconds to add to universal time for the local time. */
type OffsetAt = (utc: number) => number;

const DAY = 86_400_000;
const MINUTE = 60_000;
const FIXED = /^([+-])(\d\d):?(\d\d)?$/;

export class Zone {
  readonly #offsetAt: OffsetAt;
  /** The last answer: the lines of a log are mostly of the same minute. */
  #latest: { readonly shown: number; readonly readings: readonly number[] } | null = null;

  private constructor(offsetAt: OffsetAt) {
    this.#offsetAt = offsetAt;
  }

  /** This machine's zone. */
  static readonly local = new Zone((utc) => -new Date(utc).getTimezoneOffset() * MINUTE);

  /** @param offset milliseconds ahead of universal time */
  static fixed(offset: number): Zone {
    return new Zone(() => offset);
  }

  /** A zone by its IANA name or as `+HH:MM`; null if there is none. */
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
   * When the local clocks show a time, ms since 1970, earliest first; never empty.
   * @param shown the local time, as if it were universal time, in ms since 1970
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

/** The offset of `+HH:MM`, `+HHMM` or `+HH`, ms; null for any other text. */
export function fixedOffset(text: string): number | null {
  const m = FIXED.exec(text);
  if (m === null) return null;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3] ?? 0)) * MINUTE;
}
