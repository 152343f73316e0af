import { accessSync, constants } from 'node:fs';
import type { Config } from '../agent/config.ts';
import { QueueError } from '../queue/file.ts';
import { Queue } from '../queue/queue.ts';

/** Opens the queue for a verb that only looks into it: it makes none where there is none. */
export function existingQueue({ queue }: Config): Queue {
  try {
    accessSync(queue.path, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? `there is no queue ${queue.path} yet: start the agent (systemctl start denywatch), or name its configuration with --config`
        : `may not read the queue ${queue.path}: ask as root or as the agent's user (sudo -u denywatch denywatch ...)`;
    throw new QueueError(why, { cause: error });
  }
  return new Queue(queue.path, { bounds: queue });
}
