/** The verb `reload`: makes the agent load its configuration again, and reports whether it did. */
import { monotonic, type Reading } from '../agent/reload.ts';
import type { AgentState } from '../agent/state.ts';
import { configPath } from '../config/place.ts';
import { userName } from '../host/account.ts';
import { askState } from '../host/control.ts';
import { hangUp } from '../host/hang-up.ts';
import { actAs, ownerOf, type Owner } from '../host/owner.ts';
import { pause } from '../host/pause.ts';
import { loadQueueConfig } from '../queue/config.ts';
import { isLocked } from '../queue/lock.ts';
import { complain, print } from '../text/terminal.ts';
import { whyNoAnswer } from './agent-answer.ts';
import { readArguments } from './arguments.ts';

export const help = `usage: denywatch reload [--config PATH]

Makes the running agent load its configuration again, and waits until it has done so.
systemctl reload denywatch does the same. Run it as root or as the agent's user.

Exit status: 0 the agent uses the configuration as it is now, 1 the file has a mistake, and the
agent continues with the old configuration, or no agent is running.
`;

export const OPTIONS = { config: { type: 'string' } } as const;

/** How long the agent may take, and how often it is asked, ms. */
const [PATIENCE, EVERY] = [60_000, 50];

const ANSWERS = {
  loaded: 'the agent has loaded the new configuration',
  unchanged: 'the agent already uses this configuration',
} as const;

/** What the agent answers on its socket; without a pid it runs with no configuration at the moment. */
type State = Partial<Pick<AgentState, 'pid'>> & { readonly configuration?: Reading };

export async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS);
  const { path } = loadQueueConfig(configPath(values.config));
  const owner = ownerOf(path);
  const signal = AbortSignal.timeout(PATIENCE);
  const askUntil = async (isEnough: (answer: Answer) => boolean) => {
    for (;;) {
      const answer = await ask(path, owner);
      if (signal.aborted || isEnough(answer)) return answer;
      await pause(EVERY, signal);
    }
  };
  // The agent also reads a changed file by itself, and may be between two configurations.
  const first = await askUntil(
    (answer) => answer.why !== 'answered' || answer.state?.pid !== undefined,
  );
  const { state: before, why } = first;
  if (why === 'forbidden') return fail(mayNot(owner));
  if (why !== 'answered') {
    const isRunning = actAs(owner, () => isLocked(path));
    return fail(whyNoAnswer(first, isRunning, { owner, verb: 'reload' }));
  }
  if (before?.pid === undefined) return fail(UNFINISHED);
  const since = monotonic();
  if (!hangUp(before.pid, owner)) return fail(mayNot(owner));
  const readSince = ({ state }: Answer) => {
    const { configuration } = state ?? {};
    return configuration !== undefined && configuration.at >= since ? configuration : null;
  };
  const reading = readSince(await askUntil((answer) => readSince(answer) !== null));
  return reading === null ? fail(UNFINISHED) : report(reading);
}

const UNFINISHED = `the agent has not finished after ${PATIENCE / 1000} s: see its log`;

const mayNot = ({ uid }: Owner) =>
  `may not reload the agent: run as root, or as the agent's user (sudo -u ${userName(uid)} denywatch reload)`;

type Answer = Awaited<ReturnType<typeof ask>>;

async function ask(path: string, owner: Owner) {
  const { state, why } = await askState(path, owner);
  return { state: state as State | null, why };
}

function report({ outcome, reason }: Reading): number {
  if (outcome === 'refused')
    return fail(
      `the agent continues with the old configuration: ${reason}; see denywatch check and the agent's log`,
    );
  print(ANSWERS[outcome]);
  return 0;
}

function fail(text: string): number {
  complain(`denywatch reload: ${text}`);
  return 1;
}
