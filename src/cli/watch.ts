/** A screen that is redrawn until `q` or Ctrl-C. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { rendered, type Line } from '../text/terminal.ts';

const EVERY = 2000;

/** Switches to the terminal's alternate screen without a cursor, and back. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
/** A terminal that supports these shows everything between them at once; others ignore them. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

/** The terminal sends these as characters while it waits for single keys. */
const [CTRL_C, CTRL_Z] = ['\x03', '\x1a'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Draws every two seconds, and when the window's size has changed.
 * @param draw returns the lines for a window of this width and height; excess lines are left out
 */
export async function watchScreen(
  screen: NodeJS.WriteStream,
  draw: (width: number, height: number) => Promise<readonly Line[]>,
): Promise<void> {
  const watched = new WatchedScreen(screen);
  watched.open();
  try {
    while (!watched.ended.aborted) {
      const lines = await draw(screen.columns, screen.rows);
      // Each line overwrites the old one, and only its rest is cleared: no flicker.
      const shown = lines.slice(0, screen.rows).map((line) => `${rendered(line, screen)}\x1b[K`);
      if (!watched.ended.aborted) screen.write(`${BEGIN}\x1b[H${shown.join('\r\n')}\x1b[J${END}`);
      await changed(screen, watched.ended);
    }
  } finally {
    watched.close();
  }
}

/** The alternate screen with the keyboard, from `open` to `close`. */
class WatchedScreen {
  readonly #screen: NodeJS.WriteStream;
  readonly #ending = new AbortController();
  readonly #end = () => this.#ending.abort();
  readonly #enter = () => this.#takeOver();
  readonly #stop = () => this.#pause();
  readonly #press = (keys: Buffer) => this.#onKeys(keys.toString('latin1'));

  constructor(screen: NodeJS.WriteStream) {
    this.#screen = screen;
  }

  /** Aborts when the person wants to leave. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  open(): void {
    for (const signal of SIGNALS) process.on(signal, this.#end);
    // Ctrl-Z restores the terminal, and fg comes back here.
    process.on('SIGTSTP', this.#stop).on('SIGCONT', this.#enter);
    this.#screen.on('error', this.#end);
    if (process.stdin.isTTY) process.stdin.on('data', this.#press).on('error', this.#end);
    this.#takeOver();
  }

  close(): void {
    this.#giveBack();
    if (process.stdin.isTTY) process.stdin.off('data', this.#press).pause();
    for (const signal of SIGNALS) process.off(signal, this.#end);
    process.off('SIGTSTP', this.#stop).off('SIGCONT', this.#enter);
  }

  #onKeys(keys: string): void {
    if (keys.includes('q') || keys.includes('Q') || keys.includes(CTRL_C)) this.#end();
    else if (keys.includes(CTRL_Z)) this.#pause();
  }

  #takeOver(): void {
    if (process.stdin.isTTY) process.stdin.setRawMode(true);
    this.#screen.write(ENTER);
  }

  #giveBack(): void {
    this.#screen.write(LEAVE);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  }

  #pause(): void {
    this.#giveBack();
    process.kill(process.pid, 'SIGSTOP');
  }
}

/** Waits until it is time to draw, or the window's size changes. */
async function changed(screen: NodeJS.WriteStream, ended: AbortSignal): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([ended, over.signal]);
  const waits = [pause(EVERY, undefined, { signal }), once(screen, 'resize', { signal })];
  await Promise.race(waits).catch(() => {});
  over.abort();
  await Promise.allSettled(waits);
}
