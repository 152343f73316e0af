/** What a process costs over time, and whether it stays as it was. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { askQueue } from '../../src/queue/reader.ts';

export interface Sample {
  /** Seconds since the soak began. */
  readonly at: number;
  readonly pid: number;
  readonly residentKiB: number;
  readonly descriptors: number;
  /** The queue file with its log of writes. */
  readonly queueKiB: number;
  /** Results in it, for all monitors. */
  readonly waiting: number;
  /** CPU seconds that the process has used. */
  readonly cpu: number;
}

/** Clock ticks a second, of /proc: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Takes a sample; null where the process has just ended. */
export function sample(at: number, pid: number, queue: string): Sample | null {
  try {
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (resident === undefined) return null; // Killed, and not buried yet.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const times = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const sizes = ['', '-wal'].map(
      (end) => statSync(queue + end, { throwIfNoEntry: false })?.size ?? 0,
    );
    const monitors = askQueue(queue, ({ overview }) => overview.monitors());
    return {
      at,
      pid,
      residentKiB: Number(resident),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      queueKiB: Math.round((sizes[0]! + sizes[1]!) / 1024),
      waiting: monitors.reduce((sum, { waiting }) => sum + waiting, 0),
      cpu: (Number(times[11]) + Number(times[12])) / TICKS,
    };
  } catch {
    return null;
  }
}

interface Trend {
  /** Medians of the first and of the last quarter. */
  readonly first: number;
  readonly last: number;
  /** By least squares, for each hour. */
  readonly slope: number;
}

/** How a figure went over the samples of one process. */
export function trend(samples: readonly Sample[], of: (sample: Sample) => number): Trend {
  const quarter = Math.ceil(samples.length / 4);
  const meanAt = mean(samples.map(({ at }) => at));
  const meanOf = mean(samples.map(of));
  const sum = (product: (one: Sample) => number) =>
    samples.reduce((all, one) => all + product(one), 0);
  const slope =
    sum((one) => (one.at - meanAt) * (of(one) - meanOf)) / sum((one) => (one.at - meanAt) ** 2);
  return {
    first: median(samples.slice(0, quarter).map(of)),
    last: median(samples.slice(-quarter).map(of)),
    slope: slope * 3600,
  };
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((all, one) => all + one, 0) / numbers.length;

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
