/** What a check result is made of, as a configuration names it. */
import type { State } from '../queue/result.ts';
import type { Checker, Value } from './checker.ts';
import { nearest } from './nearest.ts';

export const STATES: Readonly<Record<string, State>> = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
  '0': 0,
  '1': 1,
  '2': 2,
  '3': 3,
};

/** The fields that an output template may name. */
const PLACEHOLDERS = ['daemon', 'client', 'address', 'user', 'host', 'pid', 'program'];

/** Longest names that NSCA's packet has room for, in bytes. */
const HOST = 63;
const SERVICE = 127;

export const readState = (checker: Checker, at: Value): State => checker.choice(at, STATES) ?? 2;
export const readHost = (checker: Checker, at: Value): string => name(checker, at, HOST);
export const readService = (checker: Checker, at: Value): string => name(checker, at, SERVICE);

/** A host_name or service_description as Nagios and its command file can hold it. */
function name(checker: Checker, at: Value, longest: number): string {
  const text = checker.text(at, longest);
  if (text.includes(';'))
    checker.problem(at, "must not hold ';', which parts the fields of a result: take another name");
  return text;
}

/** A template such as `Denied {daemon}-{client}`. */
export function readOutput(checker: Checker, at: Value): string {
  const text = checker.text(at, 1024);
  for (const [, field = ''] of text.matchAll(/\{([^}]*)\}/g)) {
    if (PLACEHOLDERS.includes(field)) continue;
    const guess = nearest(field, PLACEHOLDERS);
    const hint =
      guess === null ? `known: {${PLACEHOLDERS.join('} {')}}` : `did you mean {${guess}}?`;
    checker.problem(at, `unknown field {${field}}; ${hint}`);
  }
  return text;
}
