/** The entries of `rules`. */
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';
import { clientProblem } from './clients.ts';
import type { State } from './check-result.ts';
import type { ResultReader } from './config.ts';

/** A time of day, in hours: `from` 22 `to` 6 is the night. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** A rule for the denials that match every one of its lists; an empty list matches all. */
export interface RuleConfig {
  readonly if: {
    readonly daemon: readonly string[];
    /** See clients.ts. */
    readonly client: readonly string[];
    readonly user: readonly string[];
    /** The logging host. */
    readonly host: readonly string[];
    readonly hour: readonly Hours[];
  };
  /** Counted, but not reported. */
  readonly ignore: boolean;
  /** Overrides the general setting; null: no override. */
  readonly state: State | null;
  readonly service: string | null;
  readonly host: string | null;
  readonly output: string | null;
}

const SETTINGS = ['ignore', 'state', 'service', 'host', 'output'];
const CONDITIONS = ['daemon', 'client', 'user', 'host', 'hour'];

const YES_NO: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Reads `rules`; reports one that matches everything and is not the last. */
export function readRules(reader: ResultReader, at: Value): RuleConfig[] {
  const { checker } = reader;
  const rules = checker.items(at).map((item) => ({ item, rule: readRule(reader, item) }));
  for (const { item, rule } of rules.slice(0, -1)) {
    if (Object.values(rule.if).every((list) => list.length === 0))
      checker.problem(item, "matches every denial, so no rule after it counts: give it an 'if'");
  }
  return rules.map(({ rule }) => rule);
}

function readRule(reader: ResultReader, at: Value): RuleConfig {
  const { checker } = reader;
  const keys = new Section(checker, at, ['if', ...SETTINGS]);
  if (!keys.isEmpty && !SETTINGS.some((key) => keys.has(key)))
    checker.problem(at, `changes nothing: give it one of ${SETTINGS.join(', ')}`);
  const ignore = keys.choice('ignore', YES_NO, false);
  if (ignore && !keys.has('if')) checker.problem(at, "ignores every denial: say which in an 'if'");
  return {
    if: keys.read('if', (value) => readConditions(checker, value), NO_CONDITIONS),
    ignore,
    state: keys.read('state', (value) => reader.state(value), null),
    service: keys.read('service', (value) => reader.service(value), null),
    host: keys.read('host', (value) => reader.host(value), null),
    output: keys.read('output', (value) => reader.output(value), null),
  };
}

const NO_CONDITIONS: RuleConfig['if'] = { daemon: [], client: [], user: [], host: [], hour: [] };

function readConditions(checker: Checker, at: Value): RuleConfig['if'] {
  const keys = new Section(checker, at, CONDITIONS);
  const list = <T>(key: string, read: (item: Value) => T): T[] => {
    const items = keys.list(key, read);
    if (keys.has(key) && items.length === 0)
      checker.problem(
        keys.get(key)!,
        'is empty, and would match nothing: add an entry, or remove it',
      );
    return items;
  };
  const text = (item: Value) => checker.text(item, 255);
  return {
    daemon: list('daemon', text),
    client: list('client', (item) => client(checker, item)),
    user: list('user', text),
    host: list('host', text),
    hour: list('hour', (item) => hours(checker, item)),
  };
}

/** An address, a network, a range, a domain or a name. */
function client(checker: Checker, at: Value): string {
  const text = checker.text(at, 255);
  const problem = clientProblem(text);
  if (problem !== null) checker.problem(at, problem);
  return text;
}

/** `8-18`: from 8:00 to 18:00; `22-6`: the night; `8`: from 8:00 to 9:00. */
function hours(checker: Checker, at: Value): Hours {
  const text = checker.text(at, 16);
  const [, first, last] = /^(\d{1,2})(?:\s*-\s*(\d{1,2}))?$/.exec(text) ?? [];
  const from = Number(first);
  const to = last === undefined ? from + 1 : Number(last);
  if (!(from < 24 && to <= 24 && from !== to))
    checker.problem(at, `must be hours of the day such as 8-18 or 22-6, not '${text}'`);
  return { from, to };
}
