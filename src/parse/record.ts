/**
 * Log lines that are JSON: rsyslog's and syslog-ng's templates, and the journal (`journalctl -o
 * json`). Templates choose their own names, so each field has the names that are in use.
 */
import { parseTime, type Dating } from './time.ts';
import type { Entry } from './header.ts';

type Fields = Readonly<Record<string, unknown>>;

const TIME = [
  '@timestamp',
  'timestamp',
  'timereported',
  'timegenerated',
  'ISODATE',
  'DATE',
  'time',
];
const HOST = ['_HOSTNAME', 'host', 'HOST', 'hostname', 'HOSTNAME', 'fromhost'];
const TAG = [
  'SYSLOG_IDENTIFIER',
  'program',
  'PROGRAM',
  'programname',
  'app-name',
  'appname',
  'syslogtag',
  '_COMM',
];
const PID = ['SYSLOG_PID', 'procid', 'PID', 'pid', '_PID'];
const MESSAGE = ['MESSAGE', 'message', 'msg'];

/** A record: an entry for each message in it, and whether its sender may have forged it. */
export interface JsonRecord {
  readonly entries: readonly Entry[];
  /** Why the trusted fields say that the sender is not who it says, or null. */
  readonly forged: string | null;
}

/** Reads a line that is one JSON object; null where it is none. */
export function readRecord(line: string, dating: Dating): JsonRecord | null {
  let fields: Fields;
  try {
    fields = JSON.parse(line) as Fields;
  } catch {
    return null;
  }
  const tagged = text(fields, TAG);
  // rsyslog's syslogtag is the tag as in a line: `sshd[4242]:`.
  const tag = tagged === null ? null : /^(\S+?)(?:\[(\d{1,10})\])?:?$/.exec(tagged);
  const pidText = text(fields, PID) ?? tag?.[2] ?? '';
  const base = {
    at: readRecordTime(fields, dating),
    host: text(fields, HOST),
    tag: tag?.[1] ?? null,
    pid: /^\d{1,10}$/.test(pidText) ? Number(pidText) : null,
    own: null,
  } as const;
  const messages = MESSAGE.flatMap((name) => texts(fields[name]));
  return {
    entries: messages.map((message) => Object.assign({ message }, base)),
    forged: forgery(fields),
  };
}

function text(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '' && value !== '-') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

function readRecordTime(fields: Fields, dating: Dating): number | null {
  // The journal's are microseconds since 1970; the sender's time comes before the arrival.
  const micros = text(fields, ['_SOURCE_REALTIME_TIMESTAMP', '__REALTIME_TIMESTAMP']) ?? 'none';
  if (/^\d{14,17}$/.test(micros)) return Math.floor(Number(micros) / 1000);
  const time = text(fields, TIME);
  return time === null ? null : parseTime(time, dating);
}

/**
 * A field of the journal: a string, an array of bytes where it is not printable UTF-8, an array of
 * such values where the sender gave it several times, null where it was too long to be shown.
 */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  if (value.every((byte) => typeof byte === 'number')) return [Buffer.from(value).toString()];
  return value.flatMap((part) =>
    Array.isArray(part) && part.some(Array.isArray) ? [] : texts(part),
  );
}

/** Programs that send whatever text and tag they are told to. */
const SENDERS = new Set(['logger', 'systemd-cat']);
/** Where programs are that only root can have put there. */
const SYSTEM = /^\/(?:usr|s?bin|lib|opt|nix|gnu)\//;

/**
 * The journal takes the sender's user and program from the kernel. Root may send what it likes (a
 * daemon in the foreground piped into logger is usual), and system users are daemons, so only two
 * things tell a forgery: a sender such as logger(1) that is not root's, and a person's account
 * (user numbers 1000 to 60000, login.defs) that sends from anything but the installed program of
 * that name or tcpd. The program's fields are missing for a sender that ended at once; the user's
 * number never is. Missing fields prove nothing by themselves.
 */
function forgery(fields: Fields): string | null {
  const uid = Number(text(fields, ['_UID']) ?? '0');
  if (!(uid > 0)) return null;
  const exe = text(fields, ['_EXE']);
  const name = exe === null ? text(fields, ['_COMM']) : exe.slice(exe.lastIndexOf('/') + 1);
  if (name !== null && SENDERS.has(name)) return `sent by ${name} of user ${uid}`;
  if (uid < 1000 || uid > 60_000) return null;
  const tag = text(fields, ['SYSLOG_IDENTIFIER']);
  const installed = exe !== null && SYSTEM.test(exe) && (name === tag || name === 'tcpd');
  return installed ? null : `sent by ${name ?? 'a program'} of user ${uid}`;
}
