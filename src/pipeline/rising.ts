/**
 * Which of the times of a log go forward: the longest run of them that never goes back, though
 * others stand between. Those others are wrong, were held up, or come from another clock.
 * @param times NaN is in no run
 * @returns for each whether it is in the run; of runs as long, in the one that ends first
 */
export function rising(times: readonly number[]): boolean[] {
  /** Where the runs of each length end that end first. */
  const ends: number[] = [];
  const before: number[] = [];
  for (const [i, time] of times.entries()) {
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
