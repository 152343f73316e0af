/** The kinds of monitors: one row a protocol. Nothing else asks which kind a monitor is. */
import { isMap } from 'yaml';
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import { failover } from './failover.ts';
import type { AddressForm, DraftEntry, MonitorKind } from './kind.ts';
import type { Monitor } from './monitor.ts';
import type { Limits } from './protocol.ts';
import { icinga2 } from './icinga2/kind.ts';
import { gearman } from './gearman/kind.ts';
import { nagios } from './nagios/kind.ts';
import { nrdp } from './nrdp/kind.ts';
import { nsca } from './nsca/kind.ts';
import { nscaNg } from './nsca-ng/kind.ts';

const ROWS = [nsca, nscaNg, icinga2, nrdp, nagios, gearman] as const;

type Row = (typeof ROWS)[number];

/** The settings of one monitor, whatever its kind. */
export type MonitorConfig = Row extends MonitorKind<infer Settings> ? Settings : never;

type AnyKind = MonitorKind<MonitorConfig>;

/** One table for all: `kindOf` passes a row only the settings that it has read itself. */
const KINDS = ROWS as unknown as readonly AnyKind[];

/** The key of each kind. */
export const MONITOR_KEYS = KINDS.map(({ key }) => key);

function kindOf({ kind }: MonitorConfig): AnyKind {
  return KINDS.find(({ key }) => key === kind)!;
}

/** One entry of `monitors`; undefined where it is invalid (the checker has the reason). */
export function readMonitor(
  checker: Checker,
  at: Value,
  around: Surroundings,
): MonitorConfig | undefined {
  const written = (text: string) => {
    const { kind, place } = draftMonitor(text) ?? { kind: MONITOR_KEYS[0], place: text };
    return `${kind}: ${place}`;
  };
  if (checker.isText(at, MONITOR_KEYS, written)) return undefined;
  const named = KINDS.find(({ key }) => isMap(at.node) && at.node.has(key));
  const meant = named === undefined ? checker.meant(at, MONITOR_KEYS) : undefined;
  const kind = named ?? KINDS.find(({ key }) => key === meant) ?? KINDS[0]!;
  const keys = new Section(checker, at, [kind.key, ...kind.keys]);
  const place = keys.get(kind.key);
  if (place !== undefined) return kind.read({ at, place, keys, around });
  const known = KINDS.map(({ key }) => `'${key}'`).join(' or ');
  // The misspelt key is reported already.
  if (meant === undefined)
    checker.problem(at, `has no ${known}: name the monitor as ${kind.place}`);
  return undefined;
}

/** A first entry for a monitor. */
export interface Draft extends DraftEntry {
  /** The key of its kind. */
  readonly kind: string;
}

/** The entry for an address as typed; null where it belongs to no kind. */
export function draftMonitor(address: string): Draft | null {
  for (const kind of KINDS) {
    const draft = kind.draft(address);
    if (draft !== null) return { kind: kind.key, ...draft };
  }
  return null;
}

/** How an administrator writes the address of a monitor of this kind. */
export function addressForm(kind: string): AddressForm {
  return KINDS.find(({ key }) => key === kind)!.address;
}

/** Returns the monitor for a configuration; it connects only when a session is opened. */
export function openMonitor(config: MonitorConfig): Monitor {
  return kindOf(config).open(config);
}

/** A monitor's protocol and its variant, for display: `NSCA, xor` or `NSCA-ng as firestorm`. */
export function describeMonitor(config: MonitorConfig): string {
  return kindOf(config).describe(config);
}

/** What delivery of a result proves: `delivered means that …`. */
export function proofOf(config: MonitorConfig): string {
  return kindOf(config).protocol(config).proof;
}

/** Where an administrator sees a result in a monitor: follows "look for it in". */
export function seenIn(config: MonitorConfig): string {
  return kindOf(config).seenIn;
}

/** The monitors that each get every result: those configured, or one that represents them. */
export function openMonitors({
  monitors,
  deliver,
}: {
  readonly monitors: readonly MonitorConfig[];
  readonly deliver: 'all' | 'first';
}): Monitor[] {
  const each = monitors.map(openMonitor);
  return deliver === 'first' && each.length > 1 ? [failover(each)] : each;
}

/** Longest names without any monitor: those of DNS. */
const NAMES = { host: 255, service: 255 };

type NameLimits = Pick<Limits, 'host' | 'service'>;

/** The longest names that every one of these can carry, bytes. */
export function nameLimits(monitors: readonly MonitorConfig[]): NameLimits {
  const limits = [NAMES, ...monitors.map(limitsOf)];
  return {
    host: Math.min(...limits.map(({ host }) => host)),
    service: Math.min(...limits.map(({ service }) => service)),
  };
}

/** The longest names that one of these at least can carry, bytes. */
export function widestNames(monitors: readonly MonitorConfig[]): NameLimits {
  const limits = monitors.length === 0 ? [NAMES] : monitors.map(limitsOf);
  return {
    host: Math.max(...limits.map(({ host }) => host)),
    service: Math.max(...limits.map(({ service }) => service)),
  };
}

function limitsOf(config: MonitorConfig): NameLimits {
  return kindOf(config).protocol(config).limits;
}
