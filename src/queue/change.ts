/** Opens the queue file for a verb that changes it. */
import { actAs, ownerOf } from '../host/owner.ts';
import { whileUsed } from './error.ts';
import { Queue, type QueueOptions } from './queue.ts';

/**
 * Opens the queue, and closes it when `work` is done. Root does this with the rights of the
 * directory's owner.
 * @throws QueueError
 */
export function changeQueue<T>(path: string, options: QueueOptions, work: (queue: Queue) => T): T {
  return actAs(ownerOf(path), () => {
    const queue = new Queue(path, options);
    try {
      return work(queue);
    } catch (error) {
      throw whileUsed(path, 'change', error);
    } finally {
      queue.close();
    }
  });
}
