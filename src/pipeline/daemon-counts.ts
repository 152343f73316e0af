/** Denials by daemon since the start, counted in memory for the metrics. */
import { daemonOf, type Happened } from '../queue/history.ts';

/**
 * How many daemons are counted individually. Anyone who may write to the log chooses their names.
 */
const DAEMONS = 50;
/** The name under which all others are counted. */
const OTHER = 'other';

/** Denials of one daemon; its name is safe to display. */
export interface DaemonCount {
  readonly daemon: string;
  readonly denials: number;
}

/** Counters for 50 daemons and all others: bounded, whatever is added. */
export class DaemonCounts {
  readonly #daemons = new Map<string, number>();

  add({ groups }: Pick<Happened, 'groups'>): void {
    for (const [key, clients] of groups) {
      const name = daemonOf(key);
      const daemon = this.#daemons.has(name) || this.#daemons.size < DAEMONS ? name : OTHER;
      let denials = this.#daemons.get(daemon) ?? 0;
      for (const count of clients.values()) denials += count;
      this.#daemons.set(daemon, denials);
    }
  }

  all(): DaemonCount[] {
    return [...this.#daemons].map(([daemon, denials]) => ({ daemon, denials }));
  }
}
