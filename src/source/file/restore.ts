/** Where a tail goes on, if its log was read before. */
import type { Chain } from './chain.ts';
import { asFilePosition } from './position.ts';
import type { TailOptions } from './tail-options.ts';

/**
 * Goes on from the saved position, or from a time; false where there is neither.
 * @param path the log's
 */
export function restore(chain: Chain, path: string, { taker, from }: TailOptions): boolean {
  const saved = taker.positionOf(path);
  const position = saved && asFilePosition(saved);
  if (saved && !position)
    taker.lost(path, 'the saved position is not one of a file: reading starts over');
  if (position) chain.restore(position);
  else if (typeof from === 'object') {
    // Where it is read from its beginning again, these show where its files are.
    const before = taker.peek(path);
    chain.readAgain(from.since, (before && asFilePosition(before)?.files) ?? []);
  } else return false;
  return true;
}
