/** A program on a terminal of its own, as a person uses it. */
import type { TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { program } from './program.ts';
import { until } from './until.ts';

export interface OnTerminal {
  /** What is on the terminal so far, without colours. */
  screen(): string;
  /** The same with colours, and with what moves the cursor. */
  written(): string;
  /** Waits for a text after what the last call waited for, and then types. */
  answer(question: string, typed: string): Promise<void>;
  end(): Promise<number | NodeJS.Signals>;
}

/** Runs a command under script(1). Words are taken as they are, without a shell's meaning. */
export function onTerminal(t: TestContext, ...words: string[]): OnTerminal {
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const run = program(t, 'script', ['-qefc', `stty cols 100; ${command}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm' },
  });
  const screen = () => stripVTControlCharacters(run.stdout());
  let seen = 0;
  return {
    screen,
    written: () => run.stdout(),
    async answer(question, typed) {
      await until(`'${question}' in ${screen()}`, () => screen().includes(question, seen));
      seen = screen().indexOf(question, seen) + question.length;
      run.type(typed);
    },
    end: () => run.end(),
  };
}
