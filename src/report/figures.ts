/** The figures of a report, whatever its format. */
import { networkOf } from '../fold/network.ts';
import { addressOf } from '../text/address.ts';
import { HOUR, hourOf, type HistoryEvent } from '../queue/history.ts';
import type { All, Count, Group, HistoryReader, Period, Unseen } from '../queue/history-reader.ts';
import { midnight, weekdayOf, zoneName } from './local-time.ts';

/** Every name in it is safe to show, but is not escaped for any format. */
export interface Figures {
  readonly period: Period;
  /** The time zone of hours and days. */
  readonly zone: string;
  /** When the first hour of the whole history begins, ms since 1970; null: it is empty. */
  readonly begin: number | null;
  readonly all: All;
  /** The whole period in equal parts, including those without a denial. */
  readonly course: { readonly unit: 'hour' | 'day' | 'week'; readonly parts: readonly Count[] };
  /** Denials by hour of the day, 0 to 23, and by weekday, Monday first. */
  readonly hours: readonly number[];
  readonly weekdays: readonly number[];
  readonly clients: readonly Group[];
  readonly networks: readonly Group[];
  /** How many networks there are. */
  readonly networkCount: number;
  readonly daemons: readonly Group[];
  readonly hosts: readonly Group[];
  /**
   * Denials of the clients that were refused most on the hosts that refused most: a row for each
   * host, a column for each client. Empty if there is only one host.
   */
  readonly pairs: {
    readonly hosts: readonly string[];
    readonly clients: readonly string[];
    readonly denials: readonly (readonly number[])[];
  };
  /** Minimum counts of what no log shows. */
  readonly unseen: Unseen;
  readonly events: {
    readonly scans: number;
    readonly sweeps: number;
    readonly storms: number;
    readonly newest: readonly HistoryEvent[];
  };
}

/** Most groups of a kind, and most scans and storms, that are listed. */
const MOST = 20;
/** Most hosts and most clients of pairs: as many as a page has room for. */
const PAIR_HOSTS = 10;
const PAIR_CLIENTS = 5;
/** Most parts of the course. */
const HOURS = 72;
const DAYS = 120;
/** The usual prefix length of one site in IPv6, bits. */
const SITE = 48;

/** Reads all figures of a period; its first and last hour count whole. */
export function readFigures(history: HistoryReader, asked: Period): Figures {
  const period = { ...asked, since: hourOf(asked.since) };
  const counts = history.perHour(period);
  const begin = history.begin();
  const networks = history.networks((client) => networkOf(addressOf(client), SITE), period, MOST);
  const clients = history.most('client', period, MOST);
  const hosts = history.most('host', period, MOST);
  return {
    period,
    zone: zoneName(),
    begin,
    all: history.all(period),
    course: course(counts, period, begin),
    hours: sums(counts, 24, (at) => new Date(at).getHours()),
    weekdays: sums(counts, 7, weekdayOf),
    clients,
    networks: networks.groups,
    networkCount: networks.count,
    daemons: history.most('daemon', period, MOST),
    hosts,
    pairs: pairs(history, period, hosts, clients),
    unseen: history.unseen(period),
    events: history.events(period, MOST),
  };
}

function pairs(
  history: HistoryReader,
  period: Period,
  someHosts: readonly Group[],
  someClients: readonly Group[],
): Figures['pairs'] {
  if (someHosts.length < 2) return { hosts: [], clients: [], denials: [] };
  const hosts = someHosts.slice(0, PAIR_HOSTS).map(({ name }) => name);
  const clients = someClients.slice(0, PAIR_CLIENTS).map(({ name }) => name);
  const known = new Map(
    history.pairs(hosts, clients, period).map(({ host, client, denials }) => {
      return [`${host}\n${client}`, denials];
    }),
  );
  const denials = hosts.map((host) => clients.map((one) => known.get(`${host}\n${one}`) ?? 0));
  return { hosts, clients, denials };
}

function sums(counts: readonly Count[], size: number, place: (at: number) => number): number[] {
  const all = Array.from({ length: size }, () => 0);
  for (const { at, denials } of counts) all[place(at)]! += denials;
  return all;
}

function course(
  counts: readonly Count[],
  { since, until }: Period,
  begin: number | null,
): Figures['course'] {
  const hours = Math.ceil((until - since) / HOUR);
  const unit = hours <= HOURS ? 'hour' : hours <= DAYS * 24 ? 'day' : 'week';
  const parts: { at: number; denials: number }[] = [];
  for (let at = firstPart(unit, since, begin); at < until; at = nextPart(unit, at))
    parts.push({ at, denials: 0 });
  let part = 0;
  for (const { at, denials } of counts) {
    while (part + 1 < parts.length && parts[part + 1]!.at <= at) part++;
    parts[part]!.denials += denials;
  }
  return { unit, parts };
}

/** Weeks begin on Monday, and not before the history. */
function firstPart(unit: Figures['course']['unit'], since: number, begin: number | null): number {
  if (unit === 'hour') return since;
  if (unit === 'day') return midnight(since);
  const from = Math.max(since, begin ?? since);
  return midnight(from, -weekdayOf(from));
}

function nextPart(unit: Figures['course']['unit'], at: number): number {
  return unit === 'hour' ? at + HOUR : midnight(at, unit === 'day' ? 1 : 7);
}
