/** The verb `queue`: lists the results that wait, and retries or drops those that were refused. */
import { configPath } from '../config/place.ts';
import { loadQueueConfig } from '../queue/config.ts';
import { changeQueue } from '../queue/change.ts';
import { askQueue, mustBeThere } from '../queue/reader.ts';
import { complain, print, printFields, printJson } from '../text/terminal.ts';
import { plural } from '../text/amounts.ts';
import { guessAt } from '../config/nearest.ts';
import { readArguments, UsageError } from './arguments.ts';

export const help = `usage: denywatch queue list [--config PATH] [--json]
       denywatch queue retry [--config PATH] ID... | --all
       denywatch queue drop [--config PATH] ID... | --all

  list   show the waiting results, the oldest first, and those that a monitor refused, with its
         reason
  retry  put refused results back in the queue, to be sent again
  drop   remove results for good; --all removes the refused ones only

ID is the first number in a line of list.
`;

export const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
} as const;

const ACTIONS = ['list', 'retry', 'drop'];

export const PLACES = [ACTIONS];

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS, Infinity);
  const [what = '', ...words] = positionals;
  const wrong = misuse(what, words, values);
  if (wrong !== null) throw new UsageError(wrong);
  const ids = words.map(Number);
  const config = loadQueueConfig(configPath(values.config));
  mustBeThere(config.path);
  if (what === 'list') return list(config.path, values.json);
  const which = values.all ? null : ids;
  const done = changeQueue(config.path, { bounds: config }, (queue) =>
    what === 'retry' ? queue.retry(which) : queue.discard(which),
  );
  print(`${plural(done, 'result')} ${what === 'retry' ? 'waiting for delivery again' : 'dropped'}`);
  const unknown = values.all ? 0 : new Set(ids).size - done;
  if (unknown === 0) return 0;
  const kind = what === 'retry' ? 'refused ' : '';
  complain(
    `denywatch queue: ${plural(unknown, 'ID')} of no ${kind}result: denywatch queue list shows them`,
  );
  return 1;
}

function misuse(
  what: string,
  words: readonly string[],
  { all, json }: { all: boolean; json: boolean },
): string | null {
  if (!ACTIONS.includes(what))
    return what === ''
      ? 'needs list, retry or drop'
      : `'${what}' is not one of ${ACTIONS.join(', ')}${guessAt(what, ACTIONS)}`;
  if (what === 'list') {
    if (all) return '--all is for retry and drop';
    return words.length === 0 ? null : `list takes no argument: '${words[0]}'`;
  }
  if (json) return '--json is for list';
  if (all) return words.length === 0 ? null : `--all or '${words[0]}': choose one of them`;
  if (words.length === 0) return `${what} needs an ID that denywatch queue list shows, or --all`;
  const odd = words.find((word) => !/^\d{1,15}$/.test(word));
  return odd === undefined ? null : `'${odd}' is not an ID: denywatch queue list shows them`;
}

function list(path: string, json: boolean): number {
  for (const result of askQueue(path, ({ overview }) => overview.all())) {
    const row = { ...result, at: new Date(result.at).toISOString() };
    const { attempts: _, refused, ...shown } = row;
    if (json) printJson(row);
    else
      printFields([
        ...Object.values(shown).map(String),
        refused === null ? 'waits' : `refused: ${refused}`,
      ]);
  }
  return 0;
}
