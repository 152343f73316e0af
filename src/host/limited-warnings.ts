/** Warnings about something that keeps happening: the first at once, then one a minute, counted. */
import type { Logger } from 'pino';

/** At most one warning of a kind is logged in this time, ms. */
const EVERY = 60_000;
/** Most kinds that are remembered: some contain the name of a log. */
const KINDS = 1000;

/** Logs a warning, or counts it until the next one is due. `kind` identifies the warning. */
export type LimitedWarning = (kind: string, message: string, fields?: object) => void;

/** Warnings to this log. Those that were counted are a field of the next one. */
export function limitWarnings(log: Logger, now: () => number = Date.now): LimitedWarning {
  const seen = new Map<string, { next: number; held: number }>();
  return (kind, message, fields = {}) => {
    const last = seen.get(kind) ?? { next: 0, held: 0 };
    const left = last.next - now();
    // If more is left than the whole time, the clock was set back.
    if (left > 0 && left <= EVERY) {
      last.held++;
      return;
    }
    log.warn(last.held === 0 ? fields : { ...fields, alsoSinceLastSaid: last.held }, message);
    seen.delete(kind);
    if (seen.size >= KINDS) for (const oldest of seen.keys().take(1)) seen.delete(oldest);
    seen.set(kind, { next: now() + EVERY, held: 0 });
  };
}
