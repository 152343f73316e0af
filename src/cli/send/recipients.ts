/** The monitors that a result is queued for. */
import type { Problem } from '../../config/checker.ts';
import { ConfigError } from '../../config/error.ts';
import { ownerOf } from '../../host/owner.ts';
import { openMonitors, widestNames } from '../../monitor/kinds.ts';
import { MONITORS_KEYS, readMonitors } from '../../monitor/list.ts';
import { loadWithQueue, type QueueConfig } from '../../queue/config.ts';
import type { NameLimits } from '../../result/config.ts';

export interface Recipients {
  readonly queue: QueueConfig;
  /** Names of the monitors. */
  readonly monitors: readonly string[];
  /**
   * The longest names that one of them can carry. If another one cannot, its result is set aside
   * with the reason.
   */
  readonly limits: NameLimits;
}

const NO_MONITORS: Problem = {
  key: '',
  line: null,
  message: "no 'monitors': name one, such as - nsca: monitor:5667",
};

/**
 * Reads the monitors from the configuration, whatever else in it is wrong. If they have mistakes
 * themselves, they are those of the running agent, which continues with the configuration that it
 * has.
 * @throws ConfigError if neither says which they are
 */
export async function recipientsIn(path: string): Promise<Recipients> {
  const { queue, part } = loadWithQueue(path, MONITORS_KEYS);
  const config = readMonitors(part.section, part.around);
  const mistakes = part.mistakes(MONITORS_KEYS);
  if (mistakes.length === 0 && config.monitors.length > 0) {
    const monitors = openMonitors(config).map(({ name }) => name);
    return { queue, monitors, limits: widestNames(config.monitors) };
  }
  const running = await runningWith(queue.path);
  if (running.length === 0)
    throw new ConfigError(path, mistakes.length > 0 ? mistakes : [NO_MONITORS], {
      cause: part.cause,
    });
  return { queue, monitors: running, limits: widestNames([]) };
}

/** Names of the monitors of the agent that runs with a queue; empty if none answers. */
async function runningWith(queuePath: string): Promise<string[]> {
  const { askState } = await import('../../host/control.ts');
  const { state } = await askState(queuePath, ownerOf(queuePath));
  const { monitors = [] } = (state ?? {}) as { monitors?: readonly { name: string }[] };
  return monitors.map(({ name }) => name);
}
