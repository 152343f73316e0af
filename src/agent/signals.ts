/** The signals that end the agent. */

/** How long the process may take to end by itself once all is let go, ms. */
const EXIT = 500;

/**
 * A dependency of conf listens to every signal that could end us, and raises it again or not: what
 * is not ours shall do what it does by itself.
 */
export function forgetSignals(): void {
  const signals = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  for (const name of signals) process.removeAllListeners(name);
}

/** Waits for the first signal to end. The second one ends the process at once. */
export function signalToEnd(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    const end = (signal: NodeJS.Signals) => {
      if (!first) process.exit(1);
      first = false;
      resolve(signal);
    };
    process.on('SIGTERM', end).on('SIGINT', end);
  });
}

/**
 * Ends the process by the signal that asked for it, should something hold it: a look-up of a name
 * cannot be cancelled, and holds it for as long as a name server does not answer.
 */
export function endSoon(signal: NodeJS.Signals): void {
  const end = () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  setTimeout(end, EXIT).unref();
}
