/** Why a monitor did not take results: one table of kinds, and the error that names one of them. */

/**
 * What the delivery does after a session that failed:
 *
 * - `retry`: keep what has no verdict, and try again after a delay that grows with the failures.
 * - `shrink`: the monitor took nothing of this group because of what is in it or because it is too
 *   large. Send half of it, at once; a single result that is still not taken is set aside.
 */
export type Remedy = 'retry' | 'shrink';

/** Each kind is logged once while a fault lasts. The names are stable: programs read them. */
export const FAULTS = {
  /** No connection: no such name, no route, nobody listens, a FIFO that nobody reads. */
  down: 'retry',
  /** A connection, or a file that was left, and nothing comes of it in time. */
  silent: 'retry',
  /** The server ends each connection before anything is sent. */
  closed: 'retry',
  /** The connection broke off: what was sent may have been taken or not. */
  cut: 'retry',
  /** All was sent, and no verdict came. */
  unknown: 'retry',
  /** The server does not let us in: password, token, identity, certificate, permission. */
  unauthorised: 'retry',
  /** The server ends the session because of what it got, and does not say why. */
  refused: 'retry',
  /** No TLS with this server: its certificate, its name, the version. */
  tls: 'retry',
  /** What answers is not such a server, or speaks another version. */
  protocol: 'retry',
  /** The daemon runs, but cannot hand results on: Nagios does not run behind it. */
  'command-file': 'retry',
  /** The server takes packets of another size. */
  'packet-size': 'retry',
  /** The server takes nothing at the moment, and says so: it reloads, or its buffer is full. */
  busy: 'retry',
  /** What we may use on this machine does not let us: permissions, a full disk. */
  local: 'retry',
  /** The group is too large for the server, or one of its results cannot be read by it. */
  'too-large': 'shrink',
} as const satisfies Readonly<Record<string, Remedy>>;

export type FaultKind = keyof typeof FAULTS;

/** Why a monitor did not take results. The message is for an administrator, with the way out. */
export class MonitorError extends Error {
  readonly kind: FaultKind;
  /**
   * @param message must have been through `answerText` where it repeats what the monitor said
   */
  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MonitorError';
    this.kind = kind;
  }
}
