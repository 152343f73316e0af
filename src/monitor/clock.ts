/** The message about a monitor's clock. */
import type { Finding } from './monitor.ts';

/** A larger offset is reported, seconds; NSCA daemons before 2.7 drop packets this old. */
export const CLOCK_TOLERANCE = 30;

/**
 * A note if the monitor's clock and ours differ by more than CLOCK_TOLERANCE; otherwise nothing.
 * @param offset seconds that the monitor's clock is ahead of ours; null where unknown
 */
export function clockFindings(name: string, offset: number | null): Finding[] {
  if (offset === null || Math.abs(offset) <= CLOCK_TOLERANCE) return [];
  const where = offset > 0 ? 'ahead of' : 'behind';
  const text = `the clock of ${name} is ${Math.abs(offset)} s ${where} ours: set both by NTP`;
  return [{ kind: 'note', text }];
}
