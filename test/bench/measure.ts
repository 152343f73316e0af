/** What all benches share: rounds in which we and a peer take turns, and the figure of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

/** What came of a comparison. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** Medians of the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** What we are compared with. */
  readonly peer: string;
  /** How many times better ours is: the median of the rounds' ratios. */
  readonly ratio: number;
  /** What the ratio should be at least; null where it is for information. */
  readonly wanted: number | null;
  readonly rounds: number;
}

export interface Comparison {
  readonly what: string;
  readonly unit: string;
  /** `more` for a rate, `less` for a time. */
  readonly better: 'more' | 'less';
  readonly peer: string;
  readonly wanted: number | null;
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
  rounds = ROUNDS,
): Promise<void> {
  await ours();
  await theirs();
  const samples: { ours: readonly number[]; theirs: readonly number[] }[] = [];
  for (let round = 0; round < rounds; round++)
    samples.push({ ours: await ours(), theirs: await theirs() });
  comparisons.forEach(({ what, unit, better, peer, wanted }, i) => {
    const of = (side: 'ours' | 'theirs') => samples.map((sample) => sample[side][i]!);
    const ratios = samples.map((sample) => {
      const ratio = sample.ours[i]! / sample.theirs[i]!;
      return better === 'more' ? ratio : 1 / ratio;
    });
    const figure: Figure = {
      what,
      unit,
      ours: median(of('ours')),
      theirs: median(of('theirs')),
      peer,
      ratio: median(ratios),
      wanted,
      rounds,
    };
    process.send?.(figure);
    t.diagnostic(sentence(figure));
  });
}

export function sentence({ what, unit, ours, theirs, peer, ratio, wanted }: Figure): string {
  const bound = wanted === null ? '' : ` (wanted ${wanted}${ratio < wanted ? ', MISSED' : ''})`;
  return `${what}: ${short(ours)} ${unit}, ${short(ratio)} times as good as ${peer} with ${short(theirs)}${bound}`;
}

/** Three digits that count. */
export function short(value: number): string {
  return value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
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
