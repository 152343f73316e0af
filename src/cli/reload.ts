/** The verb `reload`: makes the agent load its configuration again, and reports whether it did. */
import { monotonic, type Reading } from '../agent/reload.ts';
import type { Answered } from '../agent/state.ts';
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

export async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS);
  const { path } = loadQueueConfig(configPath(values.config));
  const owner = ownerOf(path);
  const answer = await askState(path, owner);
  if (answer.why === 'forbidden') return fail(mayNot(owner));
  if (answer.why !== 'answered') {
    const isRunning = actAs(owner, () => isLocked(path));
    return fail(whyNoAnswer(answer, isRunning, { owner, verb: 'reload' }));
  }
  const since = monotonic();
  if (!hangUp((answer.state as Answered).pid, owner)) return fail(mayNot(owner));
  const reading = await readingSince(since, path, owner);
  return reading === null ? fail(UNFINISHED) : report(reading);
}

/** What became of the configuration when the agent read it after this moment; null if it has not. */
async function readingSince(since: number, path: string, owner: Owner): Promise<Reading | null> {
  const signal = AbortSignal.timeout(PATIENCE);
  while (!signal.aborted) {
    const { state } = await askState(path, owner);
    const { configuration } = (state ?? {}) as Partial<Answered>;
    if (configuration !== undefined && configuration.at >= since) return configuration;
    await pause(EVERY, signal);
  }
  return null;
}

const UNFINISHED = `the agent has not finished after ${PATIENCE / 1000} s: see its log`;

const mayNot = ({ uid }: Owner) =>
  `may not reload the agent: run as root, or as the agent's user (sudo -u ${userName(uid)} denywatch reload)`;

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
