/** One thing that a verb has found out about this machine or the configuration. */
import { wrap } from './layout.ts';
import { print, styled } from './terminal.ts';

/** Notes are no mistakes. */
export type FindingKind = 'ok' | 'note' | 'problem';

const COLOUR = { ok: 'green', note: 'yellow', problem: 'red' } as const;
const LABEL = 8;

/** Shows what was found; on a terminal in colour, and in lines that fit. */
export function printFinding(kind: FindingKind, text: string): void {
  const { isTTY, columns } = process.stdout;
  const lines = isTTY ? wrap(text, columns - LABEL) : [text];
  lines.forEach((line, i) =>
    print(i === 0 ? [styled(COLOUR[kind], kind.padEnd(LABEL)), line] : ' '.repeat(LABEL) + line),
  );
}
