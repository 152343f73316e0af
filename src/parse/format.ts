/** The parts of a row of the table of refusals. */

export interface Format {
  readonly name: string;
  /**
   * Texts of which each such line contains one: the search looks for them. Each has at least seven
   * bytes, if possible the same first seven as another row's, and enough to leave out the lines of
   * other programs.
   */
  readonly needles: readonly string[];
  /** A part of the tag that each such line contains too, if the needles are in many other lines. */
  readonly beside?: string;
  /** The tags that the row applies to; undefined: any that may log for libwrap. */
  readonly tag?: RegExp;
  /** The row applies to a program's own log file, in which a line has a time and no tag. */
  readonly own?: true;
  /**
   * Named groups: `client` or `peer` (with a port), and, where the program logs them, `user`,
   * `address` (a place where only an address can be), `daemon` or `service` (otherwise `as`,
   * otherwise the tag), `pid` in its own file.
   */
  readonly pattern: RegExp;
  /** The daemon that libwrap is asked about, where neither the message nor the tag names it. */
  readonly as?: string;
  /**
   * The name of the format that the same program writes to its standard error for the same
   * connection, where only the journal's fields show that it is from there. Both lines are one
   * refusal.
   */
  readonly stderr?: string;
}

// An ident user is what RFC 931's reply had between blanks: it may contain any other byte, also
// `@`, parentheses and more. The client follows the last `@`.
export const USER = '(?:(?<user>[^ \\t-\\r]*)@)?';
/** A name or an address; glibc lets through only clean names, other resolvers any byte. */
export const CLIENT = '(?<client>[^ \\t-\\r@]+)';
/** The same where only the end of the message distinguishes it from a sentence. */
export const NAME = '(?<client>[^ \\t-\\r@()<>"\',;[\\]]+)';
/** The same with a port, for which an IPv6 address may be in brackets. */
export const PEER = '(?<peer>[^ \\t-\\r@()<>"\']+)';
/** A place where only an address can be, with or without brackets. */
export const ADDRESS = '\\[?(?<address>[^ \\t-\\r()[\\]]+)\\]?';

/** A pattern that a whole message must match. */
export const row = (text: string): RegExp => new RegExp(`^${text}$`, 'u');
