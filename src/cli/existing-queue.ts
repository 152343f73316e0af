import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { Queue } from '../queue/queue.ts';

/** Opens the queue for a verb that only looks into it: it makes none where there is none. */
export function existingQueue({ queue }: Config): Queue {
  if (existsSync(queue.path)) return new Queue(queue.path, { bounds: queue });
  throw new Error(`there is no queue ${queue.path} yet: was the agent ever started?`);
}
