/**
 * Several monitors as one: results go to the first that takes them (`deliver: first`), or to any
 * endpoint of a cluster.
 */
import { MonitorError } from './error.ts';
import type { Monitor, Session } from './monitor.ts';

/** How long a monitor that failed is skipped before it is tried again, ms. */
const REST = 4_000;
/** A slow failure is skipped longer: this many times the time that it took to fail. */
const REST_FACTOR = 4;
/** How long a monitor may take to be ready while there is another one to try, ms. */
const PATIENCE = 3_500;

/**
 * A monitor that represents several, in order of preference. Each session is opened with the first
 * of them that is not skipped after a failure; if all are, with the first that can be reached, each
 * with its full configured timeout. Results are sent again to the next one when a session fails, as
 * to any single monitor.
 * @param prefer the first again when it is no longer skipped, or the healthy one until it fails
 */
export function failover(
  monitors: readonly Monitor[],
  prefer: 'first' | 'healthy' = 'first',
): Monitor {
  const restUntil = new Map<Monitor, number>();
  let order = monitors;

  function failed(monitor: Monitor, took = 0): void {
    if (prefer === 'healthy') order = [...order.filter((other) => other !== monitor), monitor];
    restUntil.set(monitor, performance.now() + REST + REST_FACTOR * took);
  }

  async function open(signal: AbortSignal): Promise<Session> {
    const now = performance.now();
    const rests = (monitor: Monitor) => (restUntil.get(monitor) ?? 0) > now;
    const fresh = order.filter((monitor) => !rests(monitor));
    const errors: MonitorError[] = [];
    for (const monitor of [...fresh, ...order.filter(rests)]) {
      const began = performance.now();
      const hurried = fresh.includes(monitor) && monitors.length > 1;
      try {
        const session = await (hurried ? openSoon(monitor, signal) : monitor.open(signal));
        return watched(monitor, session);
      } catch (error) {
        if (!(error instanceof MonitorError)) throw error;
        failed(monitor, performance.now() - began);
        errors.push(error);
      }
    }
    const message = errors.map((error) => error.message).join('; ');
    throw new MonitorError(errors[0]?.kind ?? 'down', message, { cause: errors[0] });
  }

  /** A session whose failure causes the next one to be opened elsewhere. */
  function watched(monitor: Monitor, session: Session): Session {
    const noting = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        if (error instanceof MonitorError) failed(monitor);
        throw error;
      }
    };
    // It may break while nothing is sent.
    session.failed.catch((error) => error instanceof MonitorError && failed(monitor));
    return {
      protocol: session.protocol,
      failed: session.failed,
      clockOffset: session.clockOffset,
      holdFor: () => session.holdFor(),
      abort: () => session.abort(),
      send: async (results, onVerdict, enough) => noting(session.send(results, onVerdict, enough)),
      finish: async () => noting(session.finish()),
    };
  }

  return {
    name: monitors.map(({ name }) => name).join(', else '),
    open,
    probe: async (services, signal) => {
      const found = await Promise.all(
        monitors.map(async (monitor) => monitor.probe(services, signal)),
      );
      return found.flat();
    },
  };
}

/** Opens a session, or throws MonitorError when that takes longer than PATIENCE. */
async function openSoon(monitor: Monitor, signal: AbortSignal): Promise<Session> {
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(), PATIENCE);
  try {
    return await monitor.open(AbortSignal.any([signal, impatience.signal]));
  } catch (error) {
    if (!impatience.signal.aborted || signal.aborted) throw error;
    const message = `${monitor.name} was not ready in ${PATIENCE / 1000} s; the next monitor is tried`;
    throw new MonitorError('silent', message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
