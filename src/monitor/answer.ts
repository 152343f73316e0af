/** Text that a monitor sent, for a reason or a message of ours. */
import { cut } from '../text/layout.ts';
import { visible } from '../text/unseen.ts';

/** What is kept of it, in characters: enough for a sentence, and nothing that could fill a queue. */
const LONGEST = 200;

/**
 * What a monitor said, on one line, with nothing in it that a terminal would act on, and cut. Every
 * text of a monitor goes through here before it gets into a verdict, an error or a finding.
 */
export function answerText(text: string): string {
  // Cut first, so that the cost is bounded too.
  const line = visible(text.slice(0, 4 * LONGEST).replace(/\s+/g, ' ')).trim();
  return line === '' ? 'no reason given' : cut(line, LONGEST);
}
