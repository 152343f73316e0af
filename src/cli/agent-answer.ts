/** What a verb reports if the agent does not answer it. */
import { userName } from '../host/account.ts';
import type { Answer } from '../host/control.ts';
import type { Owner } from '../host/owner.ts';

const NOT_RUNNING =
  'the agent is not running: systemctl start denywatch; why it ended: journalctl -u denywatch';

const SILENT =
  'the agent is running, but does not answer (with --once it never does): see journalctl -u denywatch';

/**
 * Why there is no answer.
 * @param isRunning whether an agent uses the queue, as far as this user can know
 */
export function whyNoAnswer(
  { why }: Pick<Answer, 'why'>,
  isRunning: boolean,
  { owner, verb }: { owner: Owner; verb: string },
): string {
  if (!isRunning) return NOT_RUNNING;
  if (why !== 'forbidden') return SILENT;
  return `may not query the agent: run as root, or as the agent's user (sudo -u ${userName(owner.uid)} denywatch ${verb})`;
}
