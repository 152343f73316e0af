/** The signals that end the agent. */

/**
 * How long the process may take to end by itself once everything is released, ms; and how long while
 * it looks up a name, which cannot be cancelled.
 */
const EXIT = 5_000;
const LOOKING_UP = 500;

/** Waits for the first signal to stop. A second one ends the process at once. */
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
 * Ends the process by the signal it received if something keeps it running: the look-up of a name
 * cannot be cancelled, and keeps it running until a name server answers. Nothing keeps the process
 * after its last event: Node's own clean-up, which nothing here needs, was seen to last for ever.
 */
export function endSoon(signal: NodeJS.Signals): void {
  process.once('exit', () => process.exit());
  const end = () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  const isLookingUp = process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap');
  setTimeout(end, isLookingUp ? LOOKING_UP : EXIT).unref();
}
