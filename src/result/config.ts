/** The parts of a check result that are configured. */
import type { Checker, Value } from '../config/checker.ts';
import { shortHostName } from '../host/name.ts';
import { nearest } from '../config/nearest.ts';
import { Section } from '../config/section.ts';
import type { State } from './check-result.ts';
import { readRules, type RuleConfig } from './rules-config.ts';

export interface HostsConfig {
  /** Patterns for logging hosts that are reported under their own names; null: all. */
  readonly allow: readonly string[] | null;
  /** host_name of a logging host, or of those that a pattern matches. */
  readonly map: ReadonlyMap<string, string>;
  /** The name under which all others are reported. */
  readonly other: string;
  /** The longest host_name that all monitors can carry, bytes. */
  readonly longest: number;
}

/** How results are made. */
export interface ResultConfig {
  /** host_name in the monitor; `{host}` stands for the logging host. */
  readonly host: string;
  readonly hosts: HostsConfig;
  readonly service: string;
  readonly state: State;
  /** Template of a result's output: {daemon} {client} {address} {user} {host} {pid} {program}. */
  readonly output: string;
  /** The first matching rule counts. */
  readonly rules: readonly RuleConfig[];
}

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

/** The longest names that the configured monitors can carry, bytes. */
export interface NameLimits {
  readonly host: number;
  readonly service: number;
}

/** Reads how results are made, within the limits of the monitors that will take them. */
export class ResultReader {
  readonly checker: Checker;
  readonly #limits: NameLimits;

  constructor(checker: Checker, limits: NameLimits) {
    this.checker = checker;
    this.#limits = limits;
  }

  /** The longest host_name that all monitors can carry, bytes. */
  get longestHost(): number {
    return this.#limits.host;
  }

  state(at: Value): State {
    return this.checker.choice(at, STATES) ?? 2;
  }

  host(at: Value): string {
    return this.#name(at, this.#limits.host);
  }

  /** The host of all results, which may contain `{host}`. */
  ownHost(at: Value): string {
    return this.#template(at, this.host(at), ['host']);
  }

  service(at: Value): string {
    return this.#name(at, this.#limits.service);
  }

  /** A template such as `Denied {daemon}-{client}`. */
  output(at: Value): string {
    return this.#template(at, this.checker.text(at, 1024), PLACEHOLDERS);
  }

  /** Text in which fields in braces are replaced; unknown ones are reported. */
  #template(at: Value, text: string, known: readonly string[]): string {
    for (const [, field = ''] of text.matchAll(/\{([^}]*)\}/g)) {
      if (known.includes(field)) continue;
      const guess = nearest(field, known);
      const hint = guess === null ? `known: {${known.join('} {')}}` : `did you mean {${guess}}?`;
      this.checker.problem(at, `unknown field {${field}}; ${hint}`);
    }
    return text;
  }

  /** A host_name or service_description that Nagios and its command file can hold. */
  #name(at: Value, longest: number): string {
    const text = this.checker.text(at, longest);
    if (text.includes(';'))
      this.checker.problem(
        at,
        "must not hold ';', which separates the fields of a result: use another name",
      );
    return text;
  }
}

/** The keys of the configuration that are read here. */
export const RESULT_KEYS = ['host', 'service', 'state', 'output', 'hosts', 'rules'];

/** Reads how results are made. @param given the value of a key, undefined where it has none */
export function readResult(
  reader: ResultReader,
  given: (key: string) => Value | undefined,
): ResultConfig {
  const read = <T>(key: string, how: (at: Value) => T, otherwise: T): T => {
    const at = given(key);
    return at === undefined ? otherwise : how(at);
  };
  return {
    host: read('host', (at) => reader.ownHost(at), shortHostName()),
    hosts: readHosts(reader, given('hosts')),
    service: read('service', (at) => reader.service(at), 'TCP Wrappers'),
    state: read('state', (at) => reader.state(at), 2),
    output: read('output', (at) => reader.output(at), 'Denied {daemon}-{client}'),
    rules: read('rules', (at) => readRules(reader, at), []),
  };
}

function readHosts(reader: ResultReader, at: Value | undefined): HostsConfig {
  const { checker } = reader;
  const keys = new Section(checker, at, ['allow', 'map', 'other']);
  return {
    allow: keys.has('allow') ? keys.list('allow', (item) => checker.text(item, 255)) : null,
    map: keys.read('map', (map) => checker.entries(map, (to) => reader.host(to)), new Map()),
    other: keys.read('other', (other) => reader.host(other), shortHostName()),
    longest: reader.longestHost,
  };
}
