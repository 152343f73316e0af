/** Questions to a person at a terminal. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { wrap } from '../../text/layout.ts';
import {
  print,
  rendered,
  screenWidth,
  standardOutput,
  styled,
  type Line,
} from '../../text/terminal.ts';

/** Ctrl-C, or the end of the input. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Asks one question at a time on this process's terminal; lines that are typed ahead are kept.
 * Every question throws Interrupted at Ctrl-C and Ctrl-D. `close` gives the terminal back.
 */
export class Prompt {
  readonly #lines: Interface;
  readonly #typed: string[] = [];
  #waiting: PromiseWithResolvers<string> | null = null;
  #isHidden = false;
  #isOver = false;

  constructor() {
    const output = new Writable({
      write: (chunk: Buffer, _, done) => {
        if (!this.#isHidden) standardOutput().write(chunk);
        done();
      },
    });
    // Without it readline does not know where an answer goes on in the next line.
    Object.defineProperty(output, 'columns', { get: screenWidth });
    const options = { input: process.stdin, output, terminal: true, historySize: 0 };
    this.#lines = createInterface(options)
      .on('line', (line) => this.#take(line))
      .on('SIGINT', () => this.#end())
      .on('close', () => this.#end());
  }

  /** The answer without blanks around it; Enter takes the default. */
  async ask(question: string, otherwise: string): Promise<string> {
    const end = lastLine(question, otherwise.length);
    const line = await this.#line([`${end} `, styled('dim', `[${otherwise}]`), ': ']);
    return line.trim() === '' ? otherwise : line.trim();
  }

  /** The answer as it was typed, which the terminal does not show; empty if there is none. */
  secret(question: string): Promise<string> {
    return this.#line([`${lastLine(question)}: `], true);
  }

  async isYes(question: string): Promise<boolean> {
    const line = await this.#line([`${lastLine(question)} `, styled('dim', '[Y/n]'), ' ']);
    return /^\s*(?:y(?:es)?)?\s*$/i.test(line);
  }

  close(): void {
    this.#lines.close();
  }

  async #line(question: Line, isHidden = false): Promise<string> {
    if (this.#isOver) throw new Interrupted();
    this.#lines.setPrompt(rendered(question));
    this.#lines.prompt();
    this.#isHidden = isHidden;
    try {
      const typed = this.#typed.shift();
      if (typed !== undefined) return typed;
      this.#waiting = Promise.withResolvers();
      return await this.#waiting.promise;
    } finally {
      this.#waiting = null;
      if (isHidden || this.#isOver) standardOutput().write('\n');
      this.#isHidden = false;
    }
  }

  #take(line: string): void {
    if (this.#waiting === null) this.#typed.push(line);
    else this.#waiting.resolve(line);
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting?.reject(new Interrupted());
  }
}

/** What comes after a question on its line, at most: ` [Y/n] `. */
const AFTER = 7;

/**
 * The last line of a question; those before it, if it is wider than the screen, are written.
 * @param more how many characters follow besides
 */
function lastLine(question: string, more = 0): string {
  const lines = wrap(question, Math.max(20, screenWidth() - AFTER - more));
  const last = lines.pop()!;
  if (lines.length > 0) print(...lines);
  return last;
}
