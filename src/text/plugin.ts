/** Text in what a Nagios plugin prints. */
import { UNSEEN } from './unseen.ts';

/** A bar would begin the performance data, and of a semicolon Nagios makes a colon. */
export function pluginText(text: string): string {
  return text.replaceAll(';', ',').replaceAll('|', '_').replace(UNSEEN, '_');
}
