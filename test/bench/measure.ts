/** What all benches share: rounds in which we and a peer take turns, and the figure of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

export interface Comparison {
  readonly what: string;
  readonly unit: string;
  /** `more` for a rate, `less` for a time. */
  readonly better: 'more' | 'less';
  /** What we are compared with. */
  readonly peer: string;
  /** What the ratio should be at least; null where it is for information. */
  readonly wanted: number | null;
  /** What our figure itself should be at least (or at most, where less is better). */
  readonly bound?: number;
}

/** What came of a comparison. */
export interface Figure extends Comparison {
  /** Medians of the rounds; theirs is null where there is no peer. */
  readonly ours: number;
  readonly theirs: number | null;
  /** How many times better ours is: the median of the rounds' ratios. */
  readonly ratio: number | null;
  readonly rounds: number;
  /** A picture of all rounds, in characters. */
  readonly chart?: string;
}

/** Figures of one run; `ours` and `theirs` give one number for each comparison. */
type Run = () => Promise<readonly number[]>;

const ROUNDS = 5;

/**
 * Runs both in turns, once for nothing and then five times; prints the figures, and hands them to
 * the process that started the bench.
 */
export async function compare(
  t: TestContext,
  comparisons: readonly Comparison[],
  ours: Run,
  theirs: Run,
  { rounds = ROUNDS, chart }: { rounds?: number; chart?: () => string } = {},
): Promise<void> {
  await ours();
  await theirs();
  const samples: { ours: readonly number[]; theirs: readonly number[] }[] = [];
  for (let round = 0; round < rounds; round++)
    samples.push({ ours: await ours(), theirs: await theirs() });
  comparisons.forEach((comparison, i) => {
    const { better } = comparison;
    const of = (side: 'ours' | 'theirs') => samples.map((sample) => sample[side][i]!);
    const ratios = samples.map((sample) => {
      const ratio = sample.ours[i]! / sample.theirs[i]!;
      return better === 'more' ? ratio : 1 / ratio;
    });
    const figure: Figure = {
      ...comparison,
      ours: median(of('ours')),
      theirs: median(of('theirs')),
      ratio: median(ratios),
      rounds,
      ...(chart !== undefined && i === 0 && { chart: chart() }),
    };
    process.send?.(figure);
    t.diagnostic(sentence(figure));
  });
}

/** Prints figures of ours that have no peer, each with the most that it should be. */
export function report(
  t: TestContext,
  figures: readonly (Pick<Figure, 'what' | 'unit' | 'ours'> & { readonly bound: number })[],
): void {
  for (const one of figures) {
    const none = { peer: '', wanted: null, theirs: null, ratio: null } as const;
    const figure: Figure = { ...one, ...none, better: 'less', rounds: 1 };
    process.send?.(figure);
    t.diagnostic(sentence(figure));
  }
}

export function sentence(figure: Figure): string {
  const { what, unit, ours, theirs, peer, ratio, chart } = figure;
  const target = wantedOf(figure);
  const note = target === '' ? '' : ` (wanted ${target}${isMissed(figure) ? ', MISSED' : ''})`;
  const compared =
    theirs === null ? '' : `, ${short(ratio ?? 0)} times as good as ${peer} with ${short(theirs)}`;
  const line = `${what}: ${short(ours)} ${unit}${compared}${note}`;
  return chart === undefined ? line : `${line}\n${chart}`;
}

/** What the figure should be, in words; empty where it is for information. */
export function wantedOf({ unit, better, wanted, bound }: Figure): string {
  const ratio = wanted === null ? [] : [`ratio ${wanted}`];
  const sign = better === 'more' ? '≥' : '≤';
  return [...ratio, ...(bound === undefined ? [] : [`${sign} ${bound} ${unit}`])].join(', ');
}

export function isMissed({ ours, better, ratio, wanted, bound }: Figure): boolean {
  if (wanted !== null && (ratio ?? 0) < wanted) return true;
  return bound !== undefined && (better === 'more' ? ours < bound : ours > bound);
}

/** Three digits that count. */
export function short(value: number): string {
  return value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** What a part of the values, 0 to 1, is not above. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place % 1);
}

/** Seconds that a program took by the clock and in CPU time, its children included. */
export interface Timed {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a program to its end, with files in place of stdin and stdout. Throws where it fails. */
export async function timed(
  command: string,
  args: readonly string[],
  { stdin = '/dev/null', stdout = '/dev/null', env = process.env } = {},
): Promise<Timed> {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "${@:3}" < "$1" > "$2" 2>&3';
  const child = spawn('bash', ['-c', script, 'bash', stdin, stdout, command, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const text: Record<number, string> = { 2: '', 3: '' };
  for (const fd of [2, 3])
    child.stdio[fd]!.on('data', (chunk: Buffer) => (text[fd] += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${text[3]}`);
  const [wall = 0, user = 0, system = 0] = text[2]!.trim().split(' ').map(Number);
  return { wall, cpu: user + system };
}
