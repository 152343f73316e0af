/** Why a monitor did not take results: one table of kinds, and the error that names one of them. */

/**
 * What the delivery does after a session that failed:
 *
 * - `retry`: keep what has no verdict, and try again after a delay that grows with the failures.
 * - `shrink`: the monitor took nothing of this group because of what is in it or because it is too
 *   large. Send half of it, at once; a single result that is still not taken is set aside.
 */
type Remedy = 'retry' | 'shrink';

/** What is known of a kind of fault. */
interface Fault {
  readonly remedy: Remedy;
  /**
   * Whether only the next try shows what is the matter: a daemon that was stopped, another password,
   * a moment of the network. It is logged where it comes twice in a row; else what comes next says it.
   */
  readonly open?: true;
}

const RETRY: Fault = { remedy: 'retry' };

/** Each kind is logged once while a fault lasts. The names are stable: programs read them. */
const FAULTS = {
  /** No connection: no such name, no route, nobody listens, a FIFO that nobody reads. */
  down: RETRY,
  /** A connection, or a file that was left, and nothing comes of it in time. */
  silent: RETRY,
  /** The server ends each connection before anything is sent. */
  closed: RETRY,
  /** The connection broke off: what was sent may have been taken or not. */
  cut: { remedy: 'retry', open: true },
  /** All was sent, and no verdict came. */
  unknown: RETRY,
  /** The server does not let us in: password, token, identity, certificate, permission. */
  unauthorised: RETRY,
  /** The server ends the session because of what it got, and does not say why. */
  refused: RETRY,
  /** No TLS with this server: its certificate, its name, the version. */
  tls: RETRY,
  /** What answers is not such a server, or speaks another version. */
  protocol: RETRY,
  /** The daemon runs, but cannot hand results on: Nagios does not run behind it. */
  'command-file': RETRY,
  /** The server takes packets of another size. */
  'packet-size': RETRY,
  /** The server takes nothing at the moment, and says so: it reloads, or its buffer is full. */
  busy: RETRY,
  /** What we may use on this machine does not let us: permissions, a full disk. */
  local: RETRY,
  /** The group is too large for the server, or one of its results cannot be read by it. */
  'too-large': { remedy: 'shrink' },
} satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;

export function faultOf(kind: FaultKind): Fault {
  return FAULTS[kind];
}

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
