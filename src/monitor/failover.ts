/** Several monitors as one: results go to the first that takes them (`deliver: first`). */
import { MonitorError, type Monitor, type Session } from './monitor.ts';

/** How long a monitor that failed is passed over before it is asked again, ms. */
const REST = 15_000;

/**
 * A monitor that stands for several, in order of preference. Each session is opened with the first
 * of them that is not resting from a failure; if all are, with the first that can be reached.
 * Results are sent again to the next one when a session fails, as to any single monitor.
 */
export function failover(monitors: readonly Monitor[]): Monitor {
  const restUntil = new Map<Monitor, number>();

  function failed(monitor: Monitor, error: unknown): void {
    if (error instanceof MonitorError) restUntil.set(monitor, performance.now() + REST);
  }

  async function open(signal: AbortSignal): Promise<Session> {
    const now = performance.now();
    const rests = (monitor: Monitor) => (restUntil.get(monitor) ?? 0) > now;
    const inOrder = [
      ...monitors.filter((monitor) => !rests(monitor)),
      ...monitors.filter((monitor) => rests(monitor)),
    ];
    const errors: MonitorError[] = [];
    for (const monitor of inOrder) {
      try {
        return watched(monitor, await monitor.open(signal));
      } catch (error) {
        failed(monitor, error);
        if (!(error instanceof MonitorError)) throw error;
        errors.push(error);
      }
    }
    const message = errors.map((error) => error.message).join('; ');
    throw new MonitorError(errors[0]?.kind ?? 'down', message, { cause: errors[0] });
  }

  /** A session whose failure has the next one opened elsewhere. */
  function watched(monitor: Monitor, session: Session): Session {
    const noting = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        failed(monitor, error);
        throw error;
      }
    };
    return {
      ...session,
      send: async (results) => noting(session.send(results)),
      finish: async () => noting(session.finish()),
    };
  }

  return {
    name: monitors.map(({ name }) => name).join(', else '),
    open,
    probe: async (signal) => {
      const probes = await Promise.all(monitors.map(async (monitor) => monitor.probe(signal)));
      return probes[0] ?? { clockOffset: null };
    },
  };
}
