/** The verbs, each with a line about it; a verb's file is loaded when it is asked for. */
import type { ParseArgsOptionsConfig } from 'node:util';

export interface Verb {
  readonly help: string;
  /** What parseArgs takes: the manual is checked against it. */
  readonly OPTIONS: ParseArgsOptionsConfig;
  main(args: string[]): Promise<number>;
}

export const VERBS: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<Verb> }>
> = {
  run: { about: 'the agent, in the foreground', load: () => import('./run.ts') },
  init: { about: 'write a configuration for this machine', load: () => import('./init.ts') },
  check: { about: 'look for mistakes in the configuration', load: () => import('./check.ts') },
  explain: {
    about: 'show which log lines are refusals',
    load: () => import('./explain/explain.ts'),
  },
  status: { about: 'what the agent is doing', load: () => import('./status/status.ts') },
  report: { about: 'what was refused, by time and by whom', load: () => import('./report.ts') },
  queue: { about: 'what waits, and what a monitor refused', load: () => import('./queue.ts') },
  send: { about: 'put one check result in the queue', load: () => import('./send.ts') },
  denied: { about: 'put one denial in the queue', load: () => import('./denied.ts') },
  receive: {
    about: 'a small NSCA receiver, to try things out',
    load: () => import('./receive.ts'),
  },
};
