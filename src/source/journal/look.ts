/** What a `journal:` source would read now, for `check` and `init`. */
import { noLines, type Barred, type OpenOptions, type SourceLook } from '../kind.ts';
import {
  hasRecord,
  journalctl,
  matches,
  narrowing,
  oneRecord,
  openings,
  ownMachine,
} from './command.ts';
import { streamOf, type JournalSettings } from './config.ts';
import { cursorOf, cursorTime } from './records.ts';
import { reasonWithPath } from '../../text/reason.ts';

/** How many records of how many days are read, and how long that may take, ms. */
const RECORDS = '200';
const SINCE = '-7d';
const PATIENCE = 5_000;

/**
 * The state of a journal, with up to 200 records of the last week that match `grep`.
 * @throws nothing: a journal that cannot be read is a stream with a problem
 */
export async function lookAtJournal(
  settings: JournalSettings,
  { grep }: Pick<OpenOptions, 'grep'>,
): Promise<SourceLook> {
  const own = settings.machine === 'all' ? undefined : ownMachine();
  const of = matches(settings, own === undefined ? [] : [own]);
  const stream = streamOf(settings);
  try {
    const last = await oneRecord([...openings(settings), ...of], AbortSignal.timeout(PATIENCE));
    const at = cursorTime((last && cursorOf(last)) ?? '');
    const written = Number.isNaN(at) ? null : at;
    const found = await recent([...openings(settings), ...narrowing(grep, new Set()), ...of]);
    const look = { stream, problem: null, isMissing: false, written };
    return { streams: [{ ...look, recent: () => Promise.resolve(found) }], leftOut: [] };
  } catch (error) {
    const problem = reasonWithPath(error);
    const look = { stream, problem, isMissing: false, written: null, recent: noLines };
    return { streams: [look], leftOut: [] };
  }
}

/** The journal, where not one record of it can be read. */
export function barredJournal(settings: JournalSettings): Barred[] {
  if (hasRecord(openings(settings), PATIENCE)) return [];
  return [{ stream: streamOf(settings), path: settings.directory, isTree: true }];
}

/** Records that match, the oldest first. */
async function recent(args: readonly string[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const asked = ['--since', SINCE, '-r', '-n', RECORDS, ...args];
  for await (const part of journalctl(asked, AbortSignal.timeout(PATIENCE))) parts.push(part);
  const lines = Buffer.concat(parts).toString('latin1').split('\n');
  return Buffer.from(`${lines.filter(Boolean).toReversed().join('\n')}\n`, 'latin1');
}
