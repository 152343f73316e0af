/** What this process shows the machine, and what signals do to it. */
import { writeFileSync } from 'node:fs';

/** The signal that opens Node's debugger. */
const DEBUG = 'SIGUSR1';

/**
 * Gives each signal its own meaning again: a dependency of conf listens to every signal that could
 * end the process, so that a verb that is busy would never see one. SIGUSR1 does nothing: Node would
 * open its debugger on a port of loopback, on which any user of the machine could read this
 * process's memory. (The executable is built without that; this is for a run from source.)
 */
export function ownSignals(): void {
  const signals = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  for (const name of signals) if (name !== DEBUG) process.removeAllListeners(name);
  if (process.listenerCount(DEBUG) === 0) process.on(DEBUG, () => {});
}

/**
 * Has `ps` and `top` show `denywatch` instead of Node's name for its first thread. Not by
 * process.title: that would put itself in the place of the arguments too.
 */
export function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'denywatch');
  } catch {
    // Nothing depends on it.
  }
}
