/** What the system reports about this process. */
import { statSync } from 'node:fs';
import type { ProcessState } from './state.ts';
import about from '../../package.json' with { type: 'json' };

export interface ProcessFigures {
  readonly version: string;
  readonly node: string;
  /** Bytes. */
  readonly resident: number;
  /** Seconds. */
  readonly cpu: number;
  /** Bytes of the queue file. */
  readonly queueSize: number;
}

/** This process: its id, and when it started. */
export function processState(): ProcessState {
  return { pid: process.pid, since: Math.round(performance.timeOrigin) };
}

/** What this process uses, and the size of its queue file; 0 if there is none. */
export function processFigures(queuePath: string): ProcessFigures {
  const { user, system } = process.cpuUsage();
  return {
    version: about.version,
    node: process.versions.node,
    resident: process.memoryUsage.rss(),
    cpu: (user + system) / 1e6,
    queueSize: statSync(queuePath, { throwIfNoEntry: false })?.size ?? 0,
  };
}
