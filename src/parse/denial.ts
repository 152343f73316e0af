/** One refused connection, as a log line told it. */
export interface Denial {
  /** Milliseconds since 1970, from the line's header; the time of reading where it has none. */
  readonly at: number;
  /** The host that logged it, null where the header names none. */
  readonly host: string | null;
  /** libwrap's %d. */
  readonly daemon: string;
  /** libwrap's %h: name or address as logged, null where the program does not tell. */
  readonly client: string | null;
  /** The client's address in its canonical form: see `addressOf`. */
  readonly address: string | null;
  /** The ident (RFC 931) user, unverified bytes of the client's choice, as UTF-8. */
  readonly user: string | null;
  readonly pid: number | null;
  /** False: the program left its pid out, and only the journal knows it, but no other log. */
  readonly isPidLogged?: false;
  /** The syslog tag. */
  readonly program: string | null;
  /** The row of the table of formats that read it. */
  readonly format: string;
  /** How many refusals the line stands for: more than 1 only for syslog's own repeats. */
  readonly count: number;
}
