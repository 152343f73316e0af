#!/usr/bin/env node
/** The command line: finds the verb and passes it its arguments. */
import packageJson from '../package.json' with { type: 'json' };
import { asksForHelp, mistakeIn } from './cli/arguments.ts';
import { VERBS, type Verb } from './cli/verbs.ts';
import { ConfigError } from './config/error.ts';
import { guessAt } from './config/nearest.ts';
import { complain, linesOf, print } from './text/terminal.ts';
import { loadThenOwnSignals, nameProcess, ownSignals } from './host/process.ts';
import { explained, explainedToService } from './host/who-may-read.ts';

function usage(): string {
  const verbs = Object.entries(VERBS).map(([name, { about }]) => `  ${name.padEnd(9)}${about}`);
  return `usage: denywatch VERB [--config PATH] [OPTION...]

${verbs.join('\n')}

  denywatch help VERB     show what a verb does, and its options
  denywatch --version

Exit status: 0 success, 1 failure or something needs attention, 2 wrong usage, 78 the configuration
has a mistake.
`;
}

async function main([name = '', ...args]: string[]): Promise<number> {
  if (name === 'help' && args[0] !== undefined) return main([args[0], '--help']);
  if (name === '--help' || name === '-h' || name === 'help') {
    print(...linesOf(usage()));
    return 0;
  }
  if (name === '--version') {
    print(`denywatch ${packageJson.version}`);
    return 0;
  }
  const load = Object.hasOwn(VERBS, name) ? VERBS[name]?.load : undefined;
  const verb = load && (await loadThenOwnSignals(load));
  if (verb === undefined) {
    complain(
      ...(name === '' ? linesOf(usage()) : [`denywatch: ${notAVerb(name)} (denywatch --help)`]),
    );
    return 2;
  }
  if (args.length === 1 && (args[0] === '--help' || args[0] === '-h')) {
    print(...linesOf(verb.help));
    return 0;
  }
  try {
    return await verb.main(args);
  } catch (error) {
    return failure(name, verb, error as Error & { code?: string });
  }
}

function notAVerb(name: string): string {
  const hint = guessAt(name, [...Object.keys(VERBS), 'help', '--help', '--version']);
  if (name.startsWith('-') && hint === '')
    return `options follow the verb: '${name}' is not a verb`;
  return `unknown verb '${name}'${hint}`;
}

/** The one place where errors become messages and an exit status. */
function failure(name: string, verb: Verb, error: Error & { code?: string }): number {
  if (asksForHelp(error)) {
    print(...linesOf(verb.help));
    return 0;
  }
  const mistake = mistakeIn(error, verb.OPTIONS);
  if (mistake !== null) {
    complain(`denywatch ${name}: ${mistake} (denywatch help ${name})`);
    return 2;
  }
  const message = name === 'run' ? explainedToService(error) : explained(error);
  if (error instanceof ConfigError) {
    complain(...linesOf(message));
    return 78;
  }
  complain(`denywatch ${name}: ${message}`);
  return 1;
}

// The queue contains names of clients and text from other hosts, which not every user may see.
process.umask(0o027);
// Not awaited: the bundle is CommonJS. A verb whose promise never settles has failed.
process.exitCode = 1;
ownSignals();
nameProcess();
void main(process.argv.slice(2)).then((status) => (process.exitCode = status));
