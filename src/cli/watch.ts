/** A screen that is drawn again and again until Ctrl-C. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { rendered, type Line } from '../text/terminal.ts';

const EVERY = 2000;

/** On the terminal's second screen, without a cursor; and back to what was there before. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
/** A terminal that knows these shows what is between them at once; others pass over them. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

/**
 * Draws every two seconds, and when the window's size has changed.
 * @param draw gives the lines for a window of so many columns and rows; what is more is left out
 */
export async function watchScreen(
  screen: NodeJS.WriteStream,
  draw: (width: number, height: number) => Promise<readonly Line[]>,
): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  // Ctrl-Z gives the terminal back as it was, and fg comes here again.
  process.on('SIGTSTP', stop).on('SIGCONT', enter);
  screen.on('error', end);
  enter();
  try {
    while (!ended.signal.aborted) {
      const lines = await draw(screen.columns, screen.rows);
      // Each line is written over the old one, and only what is left of it is cleared: no flicker.
      const shown = lines.slice(0, screen.rows).map((line) => `${rendered(line, screen)}\x1b[K`);
      if (!ended.signal.aborted) screen.write(`${BEGIN}\x1b[H${shown.join('\r\n')}\x1b[J${END}`);
      await changed(screen, ended.signal);
    }
  } finally {
    screen.write(LEAVE);
    for (const signal of signals) process.off(signal, end);
    process.off('SIGTSTP', stop).off('SIGCONT', enter);
  }

  function enter(): void {
    screen.write(ENTER);
  }

  function stop(): void {
    screen.write(LEAVE);
    process.kill(process.pid, 'SIGSTOP');
  }
}

/** Waits until it is time to draw, or the window has another size. */
async function changed(screen: NodeJS.WriteStream, ended: AbortSignal): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([ended, over.signal]);
  const waits = [pause(EVERY, undefined, { signal }), once(screen, 'resize', { signal })];
  await Promise.race(waits).catch(() => {});
  over.abort();
  await Promise.allSettled(waits);
}
