/** What a person shall be told: one denial, more of the same, a scan, a storm. */
import type { Denial } from '../parse/denial.ts';

export interface Alert {
  readonly kind: 'denial' | 'repeat' | 'scan' | 'storm';
  /** When it was due: the denial's time, or the end of what is summed up; ms since 1970. */
  readonly at: number;
  /** The logging host, null where no line named it or where the alert is about several. */
  readonly host: string | null;
  /** How many denials this alert tells of, and no other alert does. */
  readonly count: number;
  /** The denial that the alert is about; null for a scan or a storm. */
  readonly denial: Denial | null;
  /** Where a scan comes from: its client or its network's first address; its daemon if it is one. */
  readonly scan?: { readonly client: string; readonly daemon: string | null };
  /**
   * What is told beyond the denial's own text: ` (37 more in 60s)`, or the whole text of a scan or
   * a storm. Empty for a single denial. Safe to show: made by us, with every name in it cleaned.
   */
  readonly text: string;
}
