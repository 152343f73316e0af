/** The entries of `rules`. */
import { isIP } from 'node:net';
import type { Checker, Value } from './checker.ts';
import type { Hours, RuleConfig } from './config.ts';
import { readHost, readOutput, readService, readState } from './result.ts';

const SETTINGS = ['ignore', 'state', 'service', 'host', 'output'];
const CONDITIONS = ['daemon', 'client', 'user', 'host', 'hour'];

const YES_NO = { true: true, false: false } as const;

export function readRules(checker: Checker, at: Value): RuleConfig[] {
  const rules = checker.items(at).map((item) => ({ item, rule: readRule(checker, item) }));
  for (const { item, rule } of rules.slice(0, -1)) {
    if (Object.values(rule.if).every((list) => list.length === 0))
      checker.problem(item, "matches every denial, so no rule after it counts: give it an 'if'");
  }
  return rules.map(({ rule }) => rule);
}

function readRule(checker: Checker, at: Value): RuleConfig {
  const fields = checker.fields(at, ['if', ...SETTINGS]);
  const given = <T>(key: string, read: (checker: Checker, value: Value) => T): T | null => {
    const value = fields.get(key);
    return value === undefined ? null : read(checker, value);
  };
  if (fields.size > 0 && !SETTINGS.some((key) => fields.has(key)))
    checker.problem(at, `says nothing: give it one of ${SETTINGS.join(', ')}`);
  const ignore = given('ignore', (_, value) => checker.choice(value, YES_NO)) ?? false;
  if (ignore && !fields.has('if'))
    checker.problem(at, "ignores every denial: say which in an 'if'");
  return {
    if: given('if', readConditions) ?? NO_CONDITIONS,
    ignore,
    state: given('state', readState),
    service: given('service', readService),
    host: given('host', readHost),
    output: given('output', readOutput),
  };
}

const NO_CONDITIONS: RuleConfig['if'] = { daemon: [], client: [], user: [], host: [], hour: [] };

function readConditions(checker: Checker, at: Value): RuleConfig['if'] {
  const fields = checker.fields(at, CONDITIONS);
  const list = <T>(key: string, read: (item: Value) => T): T[] => {
    const value = fields.get(key);
    if (value === undefined) return [];
    const items = checker.items(value);
    if (items.length === 0)
      checker.problem(value, 'is empty, and would match nothing: name something, or leave it out');
    return items.map(read);
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

/** An address, a network, or a name. */
function client(checker: Checker, at: Value): string {
  const text = checker.text(at, 255);
  const [address = '', bits, ...rest] = text.split('/');
  if (bits === undefined) return text;
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
    checker.problem(at, `must be a network such as 10.0.0.0/8 or 2001:db8::/32, not '${text}'`);
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
