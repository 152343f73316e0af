/**
 * Where a running service says which queue it uses. Its configuration may have changed since, so a
 * verb that only reads the configuration could look for another queue than the agent has.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { safeJson } from '../text/json.ts';
import { ownerOf } from './owner.ts';
import { writeWhole } from './whole-file.ts';

/** An agent that runs as a service. */
export interface RunningAgent {
  readonly pid: number;
  /** Path of its configuration. */
  readonly config: string;
  /** Path of its queue. */
  readonly queue: string;
}

/** `RuntimeDirectory=` of the unit. systemd removes it when the service has ended. */
const DIRECTORY = '/run/denywatch';
const FILE = 'agent.json';

/**
 * Writes the file if systemd has given this process a directory for it; a failure is logged. Returns
 * what removes it.
 */
export function publishRunning(agent: RunningAgent, log: Logger): () => void {
  const path = fileIn(process.env['RUNTIME_DIRECTORY']);
  if (path === null) return () => {};
  try {
    writeWhole(path, [`${safeJson(agent)}\n`], { mode: 0o644, durable: false });
  } catch (err) {
    log.warn({ err }, 'other verbs find this agent only while queue.path is unchanged');
  }
  return () => rmSync(path, { force: true });
}

/**
 * The service that runs with a configuration, or that systemd names while it reloads it; null if
 * there is none. The service's user wrote the file, so the queue must be in that user's directory:
 * root acts there with that user's rights.
 */
export function findRunning(config: string, env = process.env): RunningAgent | null {
  const path = fileIn(env['RUNTIME_DIRECTORY']) ?? join(DIRECTORY, FILE);
  try {
    const { pid, ...found } = JSON.parse(readFileSync(path, 'utf8')) as RunningAgent;
    const isMeant = found.config === config || env['MAINPID'] === `${pid}`;
    const { uid } = statSync(path);
    const isTrusted = uid === 0 || ownerOf(found.queue).uid === uid;
    return isMeant && isTrusted && isAlive(pid) ? { pid, ...found } : null;
  } catch {
    return null;
  }
}

/** The variable of systemd names several directories, separated by colons, if the unit does. */
function fileIn(directories = ''): string | null {
  const [first = ''] = directories.split(':');
  return first === '' ? null : join(first, FILE);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
