/** Text in the output of a Nagios plugin. */
import { UNSEEN } from './unseen.ts';

/** A bar would start the performance data, and Nagios turns a semicolon into a colon. */
export function pluginText(text: string): string {
  return text.replaceAll(';', ',').replaceAll('|', '_').replace(UNSEEN, '_');
}
