/** Why a monitor did not take results: one table of kinds, and the error that names one of them. */

/**
 * What the delivery does after a session that failed:
 *
 * - `retry`: keep what has no verdict, and try again after a delay that grows with each failure.
 * - `shrink`: the monitor took nothing of this group because of what is in it or because it is too
 *   large. Send half of it, at once; a single result that is still not taken is set aside.
 */
type Remedy = 'retry' | 'shrink';

/** The properties of a kind of fault. */
interface Fault {
  readonly remedy: Remedy;
  /**
   * Whether only the next try shows the cause: a daemon that was stopped, another password, a short
   * network fault. It is logged if it occurs twice in a row; otherwise the next error shows the
   * cause.
   */
  readonly open?: true;
}

const RETRY: Fault = { remedy: 'retry' };

/** Each kind is logged once while a fault lasts. The names are stable: programs read them. */
const FAULTS = {
  /** No connection: no such name, no route, nothing listens, a FIFO without a reader. */
  down: RETRY,
  /** There is a connection, or a file was written, and no reaction in time. */
  silent: RETRY,
  /** The server ends each connection before anything is sent. */
  closed: RETRY,
  /** The connection broke: what was sent may or may not have been taken. */
  cut: { remedy: 'retry', open: true },
  /** Everything was sent, and no verdict came. */
  unknown: RETRY,
  /** The server does not let us in: password, token, identity, certificate, permission. */
  unauthorised: RETRY,
  /** The server ends the session because of what it received, and gives no reason. */
  refused: RETRY,
  /** TLS with this server failed: its certificate, its name, the version. */
  tls: RETRY,
  /** The other side is not such a server, or uses another version. */
  protocol: RETRY,
  /** The daemon runs, but cannot pass results on: Nagios does not run behind it. */
  'command-file': RETRY,
  /** The server takes packets of another size. */
  'packet-size': RETRY,
  /** The server reports that it takes nothing at the moment: it reloads, or its buffer is full. */
  busy: RETRY,
  /** This machine prevents it: permissions, a full disk. */
  local: RETRY,
  /** The group is too large for the server, or the server cannot read one of its results. */
  'too-large': { remedy: 'shrink' },
} satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;

/** The properties of a kind. */
export function faultOf(kind: FaultKind): Fault {
  return FAULTS[kind];
}

/** Why a monitor did not take results. The message is for an administrator, and says what to do. */
export class MonitorError extends Error {
  readonly kind: FaultKind;
  /** @param message must have passed through `answerText` where it repeats text of the monitor */
  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MonitorError';
    this.kind = kind;
  }
}
