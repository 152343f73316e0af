/** The name of this process, and its handling of signals. */
import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The signals by which a process is asked to end. */
const ENDS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

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
 * Loads modules, and restores the signals' default actions. A signal that arrives meanwhile is
 * delivered again: a dependency's handler would be removed before it runs, and the signal lost.
 */
export async function loadThenOwnSignals<T>(load: () => Promise<T>): Promise<T> {
  let caught: NodeJS.Signals | undefined;
  const hold = (signal: NodeJS.Signals) => (caught = signal);
  for (const name of ENDS) process.on(name, hold);
  const loaded = await load();
  // What arrived while modules were evaluated is reported in one of the next two turns.
  await nextTurn();
  await nextTurn();
  ownSignals();
  if (caught !== undefined) process.kill(process.pid, caught);
  return loaded;
}

/**
 * Does work that must be cleaned up after. A signal that asks this process to end aborts `work`
 * instead, and ends the process once that has settled.
 */
export async function beforeTheEnd<T>(work: (ending: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  let caught: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals) => {
    caught = signal;
    ending.abort();
  };
  for (const name of ENDS) process.on(name, end);
  try {
    return await work(ending.signal);
  } finally {
    for (const name of ENDS) process.off(name, end);
    if (caught !== undefined) process.kill(process.pid, caught);
  }
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
