/** One finding of a verb about this machine or the configuration. */
import { wrap } from './layout.ts';
import { print, screenWidth, styled } from './terminal.ts';

/** A note is not a mistake. */
export type FindingKind = 'ok' | 'note' | 'problem';

const COLOUR = { ok: 'green', note: 'yellow', problem: 'red' } as const;
const LABEL = 8;

/** Shows a finding; on a terminal in colour and wrapped to its width. */
export function printFinding(kind: FindingKind, text: string): void {
  const lines = process.stdout.isTTY ? wrap(text, screenWidth() - LABEL) : [text];
  lines.forEach((line, i) =>
    print(i === 0 ? [styled(COLOUR[kind], kind.padEnd(LABEL)), line] : ' '.repeat(LABEL) + line),
  );
}
