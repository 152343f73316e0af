import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';
import { program, type Program } from './program.ts';

export const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;

/** Writes a configuration, with its queue in `dir`, and gives its path. */
export function writeConfig(dir: string, config: object): string {
  const path = join(dir, 'denywatch.yaml');
  writeFileSync(
    path,
    stringify({ host: 'firestorm', queue: { path: join(dir, 'queue.db') }, ...config }),
  );
  return path;
}

/** Runs denywatch as a process of its own. */
export function denywatch(t: TestContext, ...args: string[]): Program {
  return program(t, process.execPath, [CLI, ...args]);
}

/** What `denywatch status --json` says, as far as tests ask; null before there is a queue. */
export interface StatusJson {
  readonly running: boolean;
  readonly agent: {
    readonly streams: { stream: string; behind: number; problem: string | null }[];
    open: number;
  } | null;
  readonly monitors: { name: string; waiting: number; failures: number; delivered: number }[];
  readonly totals: Readonly<Record<string, number>>;
  readonly problems: string[];
}

/** Asks for the state of the agent with this configuration. */
export async function status(t: TestContext, config: string): Promise<StatusJson | null> {
  const run = denywatch(t, 'status', '--json', '--config', config);
  await run.end();
  return run.stdout() === '' ? null : (JSON.parse(run.stdout()) as StatusJson);
}

/**
 * Makes sure that `denywatch verify` finds everything accounted for; gives its first line.
 * @param since when the period begins, long enough ago
 */
export async function verified(t: TestContext, config: string, since = '24h'): Promise<string> {
  const run = denywatch(t, 'verify', '--config', config, '--since', since);
  const exit = await run.end();
  assert.equal(exit, 0, `${run.stdout()}${run.stderr()}`);
  const [line = ''] = run.stdout().split('\n');
  assert.match(line, /^all accounted for: /);
  return line;
}
