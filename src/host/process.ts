/** The name of this process, and its handling of signals. */
import { writeFileSync } from 'node:fs';

/** The signal that opens Node's debugger. */
const DEBUG = 'SIGUSR1';

/**
 * Restores the default action of each signal: a dependency of conf listens to every signal that
 * could end the process, so that a busy verb would never see one. SIGUSR1 does nothing: Node would
 * open its debugger on a loopback port, where any user of the machine could read this process's
 * memory. (The executable is built without the debugger; this is for a run from source.)
 */
export function ownSignals(): void {
  const signals = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  for (const name of signals) if (name !== DEBUG) process.removeAllListeners(name);
  if (process.listenerCount(DEBUG) === 0) process.on(DEBUG, () => {});
}

/**
 * Hides the arguments of this process, where a password may be: every user of the machine can see
 * them.
 * @param shown what `ps` shows instead
 */
export function hideArguments(shown: string): void {
  process.title = shown;
  // It has overwritten the name of the first thread too.
  nameProcess();
}

/**
 * Makes `ps` and `top` show `denywatch` instead of Node's name for its first thread. It does not
 * use process.title, which would overwrite the arguments too.
 */
export function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'denywatch');
  } catch {
    // Nothing depends on it.
  }
}
