/** Checks a first entry for a monitor before it is written, as the configuration will be read. */
import { Document, LineCounter } from 'yaml';
import { Checker } from '../config/checker.ts';
import { quietSurroundings } from '../config/surroundings.ts';
import { readMonitor, type Draft } from './kinds.ts';

/** Files are not there yet, so mistakes in their keys do not matter here. */
const NOTHING = quietSurroundings('/', {});

/** What is wrong with the value of a key, or of the kind's own key; null if nothing is. */
export function mistakeInDraft({ kind, place, keys }: Draft, key: string): string | null {
  const values = keys.map(({ key: name, value }) => [name, value] as const);
  const entry = Object.fromEntries([[kind, place] as const, ...values]);
  const checker = new Checker(new Document(entry), new LineCounter());
  readMonitor(checker, checker.root(), NOTHING);
  return checker.problems.find((problem) => problem.key === key)?.message ?? null;
}
