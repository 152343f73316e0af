/**
 * Log lines that are JSON: rsyslog's and syslog-ng's templates, and the journal (`journalctl -o
 * json`). Templates choose their own field names, so each field has the names that are in use.
 */
import { cleanMessage, nested, type Entry, type HeaderContext } from './entry.ts';
import { readHeader } from './header.ts';
import type { Sender } from './sender.ts';
import { parseTime, type Dating } from './time.ts';

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
  'ident',
  'syslogtag',
  '_COMM',
];
const PID = ['SYSLOG_PID', 'procid', 'PID', 'pid', '_PID'];
const MESSAGE = ['MESSAGE', 'message', 'msg'];

/** A record: an entry for each message in it, and who sent it, where the journal has that. */
export interface JsonRecord {
  readonly entries: readonly Entry[];
  readonly sender: Sender | null;
}

/** Reads a line that is one JSON object; null where it is not. */
export function readRecord(line: string, context: HeaderContext): JsonRecord | null {
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
    at: readRecordTime(fields, context.dating),
    host: hostOf(fields, context),
    tag: tag?.[1] ?? null,
    pid: /^\d{1,10}$/.test(pidText) ? Number(pidText) : null,
    own: null,
    stderr: fields['_TRANSPORT'] === 'stdout',
    isPidLogged: fields['_TRANSPORT'] !== 'syslog' || fields['SYSLOG_PID'] !== undefined,
  } as const;
  const messages = MESSAGE.flatMap((name) => texts(fields[name]));
  const entries: Entry[] = messages.map((message) => Object.assign({ message }, base));
  return {
    entries: entries.length === 0 ? readContainer(fields, context) : entries,
    sender: senderOf(fields),
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
  // The journal's are microseconds since 1970; the sender's time takes precedence over the arrival.
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

/** The fields that only journald can set; null where it is not an entry of the journal. */
function senderOf(fields: Fields): Sender | null {
  const uid = text(fields, ['_UID']);
  if (uid === null) return null;
  const exe = text(fields, ['_EXE']);
  const name = exe === null ? text(fields, ['_COMM']) : exe.slice(exe.lastIndexOf('/') + 1);
  return { uid: Number(uid), exe, name, tag: text(fields, ['SYSLOG_IDENTIFIER']) };
}

/** A line of docker's: `log` is a line as the container wrote it. */
function readContainer(fields: Fields, context: HeaderContext): Entry[] {
  const { log } = fields;
  if (typeof log !== 'string') return [];
  const entry = readHeader(cleanMessage(log), context);
  const at = readRecordTime(fields, context.dating);
  return entry === null ? [] : [nested({ at, host: null }, entry, context)];
}

/** The host that logged it; for a relay's record, the host that sent it to the relay. */
function hostOf(fields: Fields, { isRelay }: HeaderContext): string | null {
  const hosts = HOST.map((name) => text(fields, [name])).filter((host) => host !== null);
  return hosts.find((host) => !isRelay(host)) ?? hosts[0] ?? null;
}
