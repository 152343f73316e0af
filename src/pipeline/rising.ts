/**
 * Finds the times of a log that go forward: the longest run of them that never goes back, with
 * others in between. Those others are wrong, were delayed, or come from another clock.
 * @param times NaN is in no run
 * @returns for each time whether it is in the run; of equally long runs, the one that ends first
 */
export function rising(times: readonly number[]): boolean[] {
  /** For each length, the end of the run that ends earliest. */
  const ends: number[] = [];
  const before: number[] = [];
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (Number.isNaN(time)) continue;
    const length = firstLater(ends, times, time);
    before[i] = length === 0 ? -1 : ends[length - 1]!;
    ends[length] = i;
  }
  const inRun = times.map(() => false);
  for (let i = ends.at(-1) ?? -1; i !== -1; i = before[i]!) inRun[i] = true;
  return inRun;
}

/** Index of the first run that ends later than a time. */
function firstLater(ends: readonly number[], times: readonly number[], time: number): number {
  let low = 0;
  for (let high = ends.length; low < high;) {
    const middle = (low + high) >> 1;
    if (times[ends[middle]!]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
