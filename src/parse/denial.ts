import type { Names } from './names.ts';

/** One refused connection, as a log line reports it. */
export interface Denial {
  /** Milliseconds since 1970, from the line's header; the time of reading where it has none. */
  readonly at: number;
  /** The host that logged it, null where the header names none. */
  readonly host: string | null;
  /** libwrap's %d. */
  readonly daemon: string;
  /** libwrap's %h: name or address as logged; null where the program does not log it. */
  readonly client: string | null;
  /** The client's address in its canonical form: see `addressOf`. */
  readonly address: string | null;
  /** The ident (RFC 931) user: unverified bytes chosen by the client, as UTF-8. */
  readonly user: string | null;
  readonly pid: number | null;
  /** False: the program did not log its pid, so only the journal has it. */
  readonly isPidLogged?: false;
  /** The syslog tag. */
  readonly program: string | null;
  /** The row of the table of formats that matched. */
  readonly format: string;
  /** How many refusals the line represents: more than 1 only for syslog's own repeats. */
  readonly count: number;
}

/**
 * A denial that another process passed as JSON; null where it is not one. Its names are cut like
 * those of a line.
 */
export function readDenial(value: unknown, names: Names): Denial | null {
  if (typeof value !== 'object' || value === null) return null;
  const { at, host, daemon, client, address, user, pid, program, format } = value as Record<
    keyof Denial,
    unknown
  >;
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || typeof daemon !== 'string')
    return null;
  const name = (text: unknown) => (typeof text === 'string' ? names.keep(text) : null);
  return {
    at,
    host: name(host),
    daemon: names.keep(daemon),
    client: name(client),
    address: name(address),
    user: name(user),
    pid: typeof pid === 'number' ? pid : null,
    program: name(program),
    format: name(format) ?? '',
    count: 1,
  };
}
