/** The verb `queue`: lists the results that wait, and retries or drops those that were refused. */
import { parseArgs } from 'node:util';
import { configPath } from '../config/place.ts';
import { loadQueueConfig } from '../queue/config.ts';
import { changeQueue } from '../queue/change.ts';
import { askQueue, mustBeThere } from '../queue/reader.ts';
import { complain, print, printFields, printJson } from '../text/terminal.ts';
import { plural } from '../text/amounts.ts';

export const help = `usage: denywatch queue list [--config PATH] [--json]
       denywatch queue retry [--config PATH] ID... | --all
       denywatch queue drop [--config PATH] ID... | --all

  list   show the results that wait, oldest first, and those that a monitor refused and why
  retry  put refused results back, to be delivered again
  drop   remove results for good: with --all, all that were refused

ID is a number that list shows.
`;

export const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
} as const;

export const PLACES = [['list', 'retry', 'drop']];

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [what = '', ...words] = positionals;
  const ids = words.map(Number);
  const decides = what === 'retry' || what === 'drop';
  const chosen = values.all ? ids.length === 0 : ids.length > 0 && ids.every(Number.isSafeInteger);
  if (!(what === 'list' && words.length === 0) && !(decides && chosen)) {
    complain(
      'denywatch queue: needs list, or retry or drop with numbers or --all (denywatch queue --help)',
    );
    return 2;
  }
  const config = loadQueueConfig(configPath(values.config));
  mustBeThere(config.path);
  if (what === 'list') return list(config.path, values.json);
  const which = values.all ? null : ids;
  const done = changeQueue(config.path, { bounds: config }, (queue) =>
    what === 'retry' ? queue.retry(which) : queue.discard(which),
  );
  print(`${plural(done, 'result')} ${what === 'retry' ? 'waiting for delivery again' : 'dropped'}`);
  return values.all || done === ids.length ? 0 : 1;
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
