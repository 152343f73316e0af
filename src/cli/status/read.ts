/** What `status` shows: read from the queue file, and from the agent if it runs. */
import type { AgentState, Answered } from '../../agent/state.ts';
import { lastUnseen, problemsOf, type Problem } from '../../agent/health.ts';
import { askState, type Answer } from '../../host/control.ts';
import { actAs, ownerOf, type Owner } from '../../host/owner.ts';
import type { Count, HistoryReader } from '../../queue/history-reader.ts';
import { HOUR, hourOf, minuteOf } from '../../queue/history.ts';
import { isLocked } from '../../queue/lock.ts';
import { askQueue, mustBeThere } from '../../queue/reader.ts';
import type { MonitorRow } from '../../queue/result.ts';
import { whyNoAnswer } from '../agent-answer.ts';

export interface Status {
  readonly running: boolean;
  readonly agent: AgentState | null;
  /** Path of the queue file. */
  readonly queue: string;
  readonly monitors: readonly MonitorStatus[];
  readonly totals: Readonly<Record<string, number>>;
  /** Results that wait for any monitor, without heartbeats, and since when the oldest has. */
  readonly waiting: { readonly results: number; readonly oldest: number | null };
  /** Denials of the last 24 hours and of the last 60 minutes; those without any are left out. */
  readonly hours: readonly Count[];
  readonly minutes: readonly Count[];
  /** Problems, the worst first. */
  readonly found: readonly Problem[];
}

export interface MonitorStatus extends MonitorRow {
  /** `NSCA, xor`; null if one delivery stands for several monitors. */
  readonly protocol: string | null;
}

const MINUTE = 60_000;

/** The beginnings of the last 60 minutes, oldest first; the last one is not over. */
export function lastHour(now: number): number[] {
  const last = minuteOf(now);
  return Array.from({ length: 60 }, (_, i) => last - (59 - i) * MINUTE);
}

/** The same for the last 24 hours. */
export function lastDay(now: number): number[] {
  const last = hourOf(now);
  return Array.from({ length: 24 }, (_, i) => last - (23 - i) * HOUR);
}

/**
 * Queries the agent and reads the queue.
 * @throws QueueError if there is no queue, or it cannot be read
 */
export async function readStatus(path: string, now: number): Promise<Status> {
  mustBeThere(path);
  const owner = ownerOf(path);
  const { state, why } = await askState(path, owner);
  const running = why === 'answered' || actAs(owner, () => isLocked(path));
  const answer = state as Answered | null;
  const agent = answer?.streams === undefined ? null : (answer as AgentState);
  const { unseen, ...stored } = askQueue(path, ({ overview, history }) => ({
    monitors: overview.monitors(),
    totals: overview.totals(),
    waiting: overview.waiting(),
    ...refused(history, now),
    unseen: lastUnseen(history, now),
  }));
  const monitors = stored.monitors.map((row) => {
    const delivery = agent?.monitors.find(({ name }) => name === row.name);
    return { ...row, protocol: delivery?.protocol ?? null };
  });
  return {
    running,
    agent,
    queue: path,
    ...stored,
    monitors,
    found: [
      ...ofAgent(running, { why, owner }),
      ...ofConfiguration(answer),
      ...problemsOf(agent, monitors, unseen),
    ],
  };
}

function refused(history: HistoryReader, now: number): Pick<Status, 'hours' | 'minutes'> {
  const [since, until] = [lastDay(now)[0]!, now + 1];
  return {
    hours: history.perHour({ since, until, host: null }),
    minutes: history.perMinute(lastHour(now)[0]!, until),
  };
}

function ofConfiguration(answer: Answered | null): Problem[] {
  const reason = answer?.configuration.reason ?? null;
  if (reason === null) return [];
  const brief = `running with the old configuration: ${reason}`;
  return [
    {
      state: answer?.streams === undefined ? 2 : 1,
      text: `the agent is ${brief}; see denywatch check and its log`,
      brief,
    },
  ];
}

function ofAgent(
  running: boolean,
  { why, owner }: Pick<Answer, 'why'> & { owner: Owner },
): Problem[] {
  if (why === 'answered') return [];
  const text = whyNoAnswer({ why }, running, { owner, verb: 'status' });
  return [{ state: running && why === 'forbidden' ? 3 : 2, text, brief: text }];
}
