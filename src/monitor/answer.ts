/** Text that a monitor sent, for a reason or a message of ours. */
import { cut } from '../text/layout.ts';
import { visible } from '../text/unseen.ts';

/** How much of it is kept, in characters: enough for a sentence, and too little to fill a queue. */
const LONGEST = 200;

/**
 * A monitor's text on one line, cut, and with nothing that a terminal would act on. Every text of a
 * monitor goes through here before it gets into a verdict, an error or a finding.
 */
export function answerText(text: string): string {
  // Cut first, so that the cost is bounded too.
  const line = visible(text.slice(0, 4 * LONGEST).replace(/\s+/g, ' ')).trim();
  return line === '' ? 'no reason given' : cut(line, LONGEST);
}
