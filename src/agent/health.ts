/**
 * Finds what is wrong with the agent, in one place for all that report it: `status` as a screen and
 * as a plugin, the heartbeat, and the line that systemd shows.
 */
import type { HistoryReader, Unseen } from '../queue/history-reader.ts';
import { HOUR } from '../queue/history.ts';
import type { MonitorRow } from '../queue/result.ts';
import type { State } from '../result/check-result.ts';
import type { StreamState } from '../source/source.ts';
import { counted, plural } from '../text/amounts.ts';

/** Something that needs attention. */
export interface Problem {
  /** As Nagios would call it. */
  readonly state: State;
  /** What, where, and what to do. */
  readonly text: string;
  /** The same in a few words. */
  readonly brief: string;
}

/** What the agent reports about itself. */
export interface AgentFacts {
  readonly streams: readonly StreamState[];
  /** Lines that look like a denial and were forged. */
  readonly suspicious: number;
}

/**
 * The problems of an agent and of its deliveries.
 * @param agent null: no agent answers, so only the monitors are known
 * @param unseen of the last hour, see `lastUnseen`
 * @returns problems, the worst first
 */
export function problemsOf(
  agent: AgentFacts | null,
  monitors: readonly MonitorRow[],
  unseen: Unseen,
): Problem[] {
  const problems = [
    ...(agent?.streams ?? []).flatMap(ofStream),
    ...monitors.flatMap(ofMonitor),
    ...ofForgery(agent?.suspicious ?? 0),
    ...ofUnseen(unseen),
  ];
  return problems.toSorted((a, b) => b.state - a.state);
}

function ofStream({ stream, problem }: StreamState): Problem[] {
  if (problem === null) return [];
  return [{ state: 2, text: `source ${stream}: ${problem}`, brief: `${stream} cannot be read` }];
}

function ofMonitor({ name, message, waiting, setAside }: MonitorRow): Problem[] {
  const problems: Problem[] = [];
  if (message !== null && waiting > 0)
    problems.push({
      state: 2,
      text: `monitor ${name}: ${message}`,
      brief: `${name} takes no results`,
    });
  if (setAside > 0)
    problems.push({
      state: 1,
      text: `monitor ${name}: ${counted(setAside, 'refused result')} set aside: denywatch queue list`,
      brief: `${counted(setAside, 'refused result')} set aside`,
    });
  return problems;
}

/** Forged lines mean that somebody on this machine is up to something. */
function ofForgery(lines: number): Problem[] {
  if (lines === 0) return [];
  return [
    {
      state: 1,
      text: `${counted(lines, 'line')} since the start, forged to look like a refusal and not counted: the log says by whom (journalctl -u denywatch)`,
      brief: counted(lines, 'forged line'),
    },
  ];
}

/** Dropped connections and suppressed log messages of this hour and the one before. */
export function lastUnseen(history: HistoryReader, now: number): Unseen {
  return history.unseen({ since: now - HOUR, until: now + 1, host: null });
}

function ofUnseen({ connections, messages }: Unseen): Problem[] {
  const problems: Problem[] = [];
  if (connections > 0) {
    const dropped = `sshd dropped at least ${plural(connections, 'connection')} unseen`;
    problems.push({
      state: 1,
      text: `${dropped} in the last hour, before it asked hosts.deny; denywatch check says what to do`,
      brief: dropped,
    });
  }
  if (messages > 0) {
    const lost = `at least ${plural(messages, 'log message')} suppressed`;
    problems.push({
      state: 1,
      text: `${lost} by journald or rsyslogd in the last hour: there may be refusals among them; raise their rate limits`,
      brief: lost,
    });
  }
  return problems;
}

/** Bytes of logs that have not been read yet. */
export function bytesBehind(streams: readonly StreamState[]): number {
  return streams.reduce((sum, { behind }) => sum + (behind ?? 0), 0);
}
