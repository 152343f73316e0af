/**
 * What is reported to people about refusals. Each kind has the fields that it needs. Names are as
 * logged: the code that displays them cleans them.
 */
import type { Denial } from '../parse/denial.ts';

export type Alert =
  | DenialAlert
  | RepeatAlert
  | ScanAlert
  | NetworkScanAlert
  | SweepAlert
  | StormAlert;

interface Counted {
  /** When it was due: the denial's time, or the end of the summarised time; ms since 1970. */
  readonly at: number;
  /** How many denials this alert, and no other, reports. */
  readonly count: number;
}

/** The first refusal of its host, daemon and client. */
export interface DenialAlert extends Counted {
  readonly kind: 'denial';
  readonly denial: Denial;
}

/** More refusals like one that was reported before. */
export interface RepeatAlert extends Counted {
  readonly kind: 'repeat';
  /** The one reported before. */
  readonly denial: Denial;
  /** The time in which they came, ms. */
  readonly duration: number;
}

/** Refusals of a group: the first alert about it, or the next one while it goes on. */
export interface GroupAlert extends Counted {
  /** The logging host; null for several. */
  readonly host: string | null;
  /** Denials since the last alert about it; 0 in the first alert. */
  readonly more: number;
  /** The time that it reports, ms. */
  readonly duration: number;
}

/** One client refused by several daemons. */
export interface ScanAlert extends GroupAlert {
  readonly kind: 'scan';
  readonly client: string;
  readonly daemons: Names;
}

/** Several clients of one network refused by one daemon. */
export interface NetworkScanAlert extends GroupAlert {
  readonly kind: 'network-scan';
  /** `203.0.113.0/24` */
  readonly network: string;
  readonly daemon: string;
  readonly clients: Names;
}

/** One client refused on several hosts. */
export interface SweepAlert extends GroupAlert {
  readonly kind: 'sweep';
  readonly host: null;
  readonly client: string;
  readonly hosts: Names;
  readonly daemons: Names;
}

/** A period with too many alerts to report one by one. */
export interface StormAlert extends Counted {
  readonly kind: 'storm';
  /** The logging host; null for several. */
  readonly host: string | null;
  readonly clients: number;
  readonly daemons: number;
  readonly hosts: number;
  /** False if some keys were dropped, so that there may be more clients and hosts. */
  readonly complete: boolean;
  /** The time that it reports, ms. */
  readonly duration: number;
  /** What was refused most, in descending order. */
  readonly most: readonly CountedPart[];
  /** Which hosts refused most, in descending order, as far as known; empty for a single host. */
  readonly topHosts: readonly CountedHost[];
}

/** Names in the order in which they came. */
export interface Names {
  readonly names: readonly string[];
  /** False if there may be more than these. */
  readonly complete: boolean;
}

/** What a part of a storm is about. */
export type Part =
  | { readonly kind: 'pair'; readonly daemon: string; readonly client: string | null }
  | { readonly kind: 'scan' | 'sweep'; readonly client: string }
  | { readonly kind: 'network-scan'; readonly network: string; readonly daemon: string };

export interface CountedHost {
  readonly host: string;
  readonly count: number;
}

export interface CountedPart {
  readonly part: Part;
  readonly count: number;
}
