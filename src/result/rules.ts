/** Rules: which denials are reported, how, and which are not. The first match counts. */
import type { Hours, RuleConfig } from './rules-config.ts';
import type { Denial } from '../parse/denial.ts';
import { clientPattern } from './clients.ts';
import { namePattern } from './name-pattern.ts';

/** What is matched against a rule: a denial, or what the denials of an alert have in common. */
export interface Subject extends Pick<Denial, 'at' | 'host' | 'client' | 'address' | 'user'> {
  readonly daemon: string | null;
}

type Matches = (subject: Subject) => boolean;

/**
 * Returns the function that finds the first rule for a subject. A field that the subject lacks does
 * not match.
 */
export function firstRule(
  rules: readonly RuleConfig[],
): (subject: Subject) => RuleConfig | undefined {
  const compiled = rules.map((rule) => ({ rule, matches: compile(rule.if) }));
  return (subject) => compiled.find(({ matches }) => matches(subject))?.rule;
}

function compile({ daemon, client, user, host, hour }: RuleConfig['if']): Matches {
  const isDaemon = oneOf(daemon);
  const isUser = oneOf(user);
  const isHost = oneOf(host);
  const isClient = clientPattern(client);
  const conditions: (Matches | null)[] = [
    daemon.length > 0 ? (subject) => isDaemon(subject.daemon) : null,
    client.length > 0 ? isClient : null,
    user.length > 0 ? (subject) => isUser(subject.user) : null,
    host.length > 0 ? (subject) => isHost(subject.host) : null,
    hour.length > 0 ? ({ at }) => hour.some((hours) => isIn(hours, at)) : null,
  ];
  const all = conditions.filter((condition) => condition !== null);
  return (subject) => all.every((condition) => condition(subject));
}

function oneOf(names: readonly string[]): (name: string | null) => boolean {
  const patterns = names.map(namePattern);
  return (name) => name !== null && patterns.some((isName) => isName(name));
}

function isIn({ from, to }: Hours, at: number): boolean {
  const hour = new Date(at).getHours();
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}
