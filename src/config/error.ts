import { visible } from '../text/unseen.ts';
import type { Problem } from './checker.ts';

/** A configuration that cannot be used. The message has one line a mistake. */
export class ConfigError extends Error {
  readonly path: string;
  readonly problems: readonly Problem[];

  constructor(path: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(
      inOrder(problems)
        .map((problem) => problemText(path, problem))
        .join('\n'),
      options,
    );
    this.name = 'ConfigError';
    this.path = path;
    this.problems = problems;
  }
}

/** By their lines: an administrator corrects a file from its beginning. */
function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** `denywatch.yaml:12: monitors.0.encryption: unknown key; did you mean 'encryption'?` */
function problemText(path: string, { key, line, message }: Problem): string {
  const where = line === null ? path : `${path}:${line}`;
  // The message contains keys and values of the file, whatever characters they have.
  return visible([where, ...(key === '' ? [] : [key]), message].join(': '));
}
