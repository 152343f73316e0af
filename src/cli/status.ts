/** The verb `status`: what the agent is doing. */
import { parseArgs } from 'node:util';
import type { AgentState } from '../agent.ts';
import { configPath, loadConfig } from '../config/load.ts';
import { askState } from '../host/control.ts';
import { isoSeconds } from '../iso-seconds.ts';
import { HOUR } from '../queue/history.ts';
import type { Count } from '../queue/history-reader.ts';
import { isLocked } from '../queue/lock.ts';
import type { MonitorRow } from '../queue/result.ts';
import { existingQueue } from './existing-queue.ts';

export const help = `usage: denywatch status [--config PATH] [--json]

What the agent is doing: its sources and how far behind they are, what waits for each monitor
and since when, the last delivery and the last error, and the denials of each hour of the day.

Exit status: 0 all is well, 1 something needs a look (the agent does not run, a source cannot
be read, a monitor does not take results).
`;

/** All that is known: from the queue file, and from the agent where it runs. */
interface Status {
  readonly running: boolean;
  readonly agent: AgentState | null;
  readonly queue: string;
  readonly monitors: readonly MonitorRow[];
  readonly totals: Readonly<Record<string, number>>;
  readonly hours: readonly Count[];
  /** What needs a look, in words. */
  readonly problems: readonly string[];
}

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { config: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const { config } = loadConfig(configPath(values.config));
  const { path } = config.queue;
  const queue = existingQueue(config);
  const now = Date.now();
  const agent = (await askState(path)) as AgentState | null;
  const read = {
    running: isLocked(path),
    agent,
    queue: path,
    monitors: queue.report.monitors(),
    totals: queue.report.totals(),
    hours: queue.history.perHour({ since: now - 24 * HOUR, until: now, host: null }),
  };
  queue.close();
  const status: Status = { ...read, problems: problemsOf(read) };
  process.stdout.write(values.json ? `${JSON.stringify(status)}\n` : page(status, now));
  return status.problems.length === 0 ? 0 : 1;
}

function problemsOf({ running, agent, monitors }: Omit<Status, 'problems'>): string[] {
  const found = monitors
    .filter(({ message, waiting }) => message !== null && waiting > 0)
    .map(({ name, message }) => `monitor ${name}: ${message}`);
  for (const { stream, problem } of agent?.streams ?? []) {
    if (problem !== null) found.push(`source ${stream}: ${problem}`);
  }
  for (const { name, setAside } of monitors) {
    if (setAside > 0)
      found.push(`monitor ${name}: ${setAside} results were refused and are set aside`);
  }
  if (!running) found.unshift('the agent is not running: systemctl start denywatch');
  return found;
}

function page({ agent, queue, monitors, totals, hours, problems }: Status, now: number): string {
  const lines = [
    ...problems.map((problem) => `PROBLEM  ${problem}`),
    agent === null
      ? `agent    not running`
      : `agent    running as pid ${agent.pid} since ${isoSeconds(agent.since)}`,
    `denials  ${totals['denials'] ?? 0} counted${ignored(totals)}, ${totals['alerts'] ?? 0} alerts${open(agent)}`,
    ...digested(totals),
    ...dropped(totals),
    `queue    ${queue}`,
  ];
  for (const { stream, behind } of agent?.streams ?? []) {
    lines.push(
      `source   ${stream}: ${behind === null || behind === 0 ? 'read to its end' : `${behind} bytes behind`}`,
    );
  }
  for (const { name, waiting, oldest, delivered, last, next } of monitors) {
    const since = oldest === null ? '' : `, the oldest for ${ago(now - oldest)}`;
    const when =
      last === null ? 'nothing delivered yet' : `${delivered} delivered, last ${isoSeconds(last)}`;
    const retry = waiting > 0 && next > now ? `, next try in ${ago(next - now)}` : '';
    lines.push(`monitor  ${name}: ${waiting} waiting${since}; ${when}${retry}`);
  }
  const most = Math.max(1, ...hours.map(({ denials }) => denials));
  for (const { at, denials } of hours) {
    const bar = '#'.repeat(Math.ceil((denials / most) * 40));
    lines.push(`${isoSeconds(at).slice(0, 13)}h  ${String(denials).padStart(7)} ${bar}`);
  }
  return `${lines.join('\n')}\n`;
}

function open(agent: AgentState | null): string {
  return agent === null || agent.open === 0
    ? ''
    : `, ${agent.open} to be told when their window ends`;
}

function ignored(totals: Status['totals']): string {
  const count = totals['ignored'] ?? 0;
  return count === 0 ? '' : ` (${count} ignored by rules)`;
}

function digested(totals: Status['totals']): string[] {
  const count = totals['digested'] ?? 0;
  return count === 0 ? [] : [`digests  tell of ${count} alerts that waited too long for a monitor`];
}

function dropped(totals: Status['totals']): string[] {
  const { droppedResults = 0, droppedDenials = 0 } = totals;
  if (droppedResults === 0) return [];
  return [
    `dropped  ${droppedResults} results, telling of ${droppedDenials} denials, for want of room in the queue`,
  ];
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
