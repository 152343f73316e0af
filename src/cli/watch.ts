/** A screen that is redrawn until Ctrl-C. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { rendered, type Line } from '../text/terminal.ts';

const EVERY = 2000;

/** Switches to the terminal's alternate screen without a cursor, and back. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
/** A terminal that supports these shows everything between them at once; others ignore them. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

/**
 * Draws every two seconds, and when the window's size has changed.
 * @param draw returns the lines for a window of this width and height; excess lines are left out
 */
export async function watchScreen(
  screen: NodeJS.WriteStream,
  draw: (width: number, height: number) => Promise<readonly Line[]>,
): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  // Ctrl-Z restores the terminal, and fg comes back here.
  process.on('SIGTSTP', stop).on('SIGCONT', enter);
  screen.on('error', end);
  enter();
  try {
    while (!ended.signal.aborted) {
      const lines = await draw(screen.columns, screen.rows);
      // Each line overwrites the old one, and only its rest is cleared: no flicker.
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

/** Waits until it is time to draw, or the window's size changes. */
async function changed(screen: NodeJS.WriteStream, ended: AbortSignal): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([ended, over.signal]);
  const waits = [pause(EVERY, undefined, { signal }), once(screen, 'resize', { signal })];
  await Promise.race(waits).catch(() => {});
  over.abort();
  await Promise.allSettled(waits);
}
