/** The verbs, each with a short description; a verb's module is loaded when the verb is used. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Words } from './words.ts';

export interface Verb {
  readonly help: string;
  /** The options for parseArgs: a test compares the manual with them. */
  readonly OPTIONS: ParseArgsOptionsConfig;
  /** The words for the first argument, for the second, and so on, if there are any. */
  readonly PLACES?: readonly Words[];
  /** The words for the values of options. */
  readonly VALUES?: Readonly<Record<string, Words>>;
  main(args: string[]): Promise<number>;
}

export const VERBS: Readonly<
  Record<string, { readonly about: string; readonly load: () => Promise<Verb> }>
> = {
  run: { about: 'run the agent in the foreground', load: () => import('./run.ts') },
  init: { about: 'write a configuration for this machine', load: () => import('./init/init.ts') },
  check: {
    about: 'find mistakes in the configuration, the logs and the monitors',
    load: () => import('./check.ts'),
  },
  test: {
    about: 'send an OK to each service, to see that it arrives',
    load: () => import('./test/test.ts'),
  },
  explain: {
    about: 'show which log lines are refusals',
    load: () => import('./explain/explain.ts'),
  },
  status: { about: 'show what the agent is doing', load: () => import('./status/status.ts') },
  reload: {
    about: 'make the agent load its configuration again',
    load: () => import('./reload.ts'),
  },
  report: { about: 'show what was refused, by time and client', load: () => import('./report.ts') },
  verify: {
    about: 'check that every refusal was counted and reported',
    load: () => import('./verify.ts'),
  },
  queue: { about: 'list, retry or drop results in the queue', load: () => import('./queue.ts') },
  send: { about: 'put one check result in the queue', load: () => import('./send/send.ts') },
  denied: {
    about: 'report one refusal to the agent, for a twist rule',
    load: () => import('./denied.ts'),
  },
  receive: {
    about: 'run a small NSCA receiver, to try things out',
    load: () => import('./receive.ts'),
  },
};
