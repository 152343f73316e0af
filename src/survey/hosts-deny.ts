/** Checks hosts.deny for rules that matter here: hosts_access(5), hosts_options(5). */
import { readFileSync } from 'node:fs';
import { documentPath } from '../host/documents.ts';
import { isSilent } from './silent.ts';
import { plural } from '../text/amounts.ts';
import { reasonOf } from '../text/reason.ts';

export const HOSTS_DENY = '/etc/hosts.deny';

/** A rule that runs a program for each refusal, as in the recipe for Nagios. */
const RUNS = /^[^#]*?:\s*(?:twist|spawn)\b.*(?:handle_tcp_wrapper|denywatch)/i;
/** A rule whose list of daemons contains sshd or ALL. */
const SSHD = /^[^:#]*(?<![\w-])(?:ALL|sshd)(?![\w-])[^:]*:/i;
const SPAWN = /:\s*spawn\b/i;
const OPTION = /\s*:\s*(?:twist|spawn)\b.*$/i;

/** A finding; `fine` if there is nothing to do. */
export interface Rules {
  readonly fine: boolean;
  readonly text: string;
  /** Whether a rule is for sshd. */
  readonly guardsSshd: boolean;
}

/**
 * Checks a file of rules, and changes nothing in it.
 * @param root the directory that paths of configurations start from
 */
export function readHostsDeny(path: string = HOSTS_DENY, root = '/'): Rules {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? `does not exist: unless hosts.allow denies, nobody is refused, and there is nothing to report; ${documentPath('hosts.deny')} has a rule to begin with`
        : `cannot be read: ${reasonOf(error)}; run this as root`;
    return { fine: false, text: why, guardsSshd: false };
  }
  const rules = rulesOf(text);
  const guardsSshd = rules.some(({ rule }) => SSHD.test(rule));
  const recipe = rules.find(({ rule }) => RUNS.test(rule) && !isForSilent(rule, root));
  if (recipe !== undefined) {
    const { line, rule } = recipe;
    const mended = rule.replace(OPTION, '');
    return {
      fine: false,
      text: `line ${line} runs a program for each refusal, but libwrap also logs the refusal: it would be reported twice; change the line to: ${mended}`,
      guardsSshd,
    };
  }
  if (rules.length === 0)
    return {
      fine: false,
      text: `has no rule: unless hosts.allow denies, nobody is refused; ${documentPath('hosts.deny')} has one to begin with`,
      guardsSshd,
    };
  return {
    fine: true,
    text: `${plural(rules.length, 'rule')}, and none that would report a refusal twice`,
    guardsSshd,
  };
}

/**
 * Whether nothing else reports what a rule does: libwrap logs a twist, and leaves it to the program
 * to log a refusal by a rule with spawn.
 */
function isForSilent(rule: string, root: string): boolean {
  const [daemons = ''] = rule.split(':');
  const names = daemons.split(/[\s,]+/).filter((name) => name !== '');
  return SPAWN.test(rule) && names.every((name) => isSilent(name, root));
}

/** Rules with their line numbers; a backslash at the end of a line continues it. */
function rulesOf(text: string): { line: number; rule: string }[] {
  const rules: { line: number; rule: string }[] = [];
  let held: { line: number; rule: string } | null = null;
  for (const [index, part] of text.split('\n').entries()) {
    const one: { line: number; rule: string } = held ?? { line: index + 1, rule: '' };
    const goesOn = part.endsWith('\\');
    const whole = { line: one.line, rule: one.rule + (goesOn ? part.slice(0, -1) : part) };
    held = goesOn ? whole : null;
    if (!goesOn && whole.rule.trim() !== '' && !whole.rule.startsWith('#')) rules.push(whole);
  }
  return rules;
}
