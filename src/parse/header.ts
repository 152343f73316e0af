/**
 * Headers of log lines: everything in front of the message. One function for all writers, because a
 * file may hold lines of several (a change of template, a relay), and the first characters
 * distinguish the forms. Nothing here looks at the message.
 */
import { ipVersion } from '../text/address.ts';
import { nested, type Entry, type HeaderContext } from './entry.ts';
import { readProtocol, readProtocolTail } from './protocol.ts';
import { pidAt, tagIn } from './tag.ts';
import { readTime, type Dating, type Stamp } from './time.ts';

const BLANK = 0x20;
const COLON = 0x3a;
const LESS = 0x3c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * What may be in front of a part, and the character that it begins with: nearly no line has it, and
 * comparing a character takes far less time than an expression.
 */
interface Prefix {
  readonly first: number;
  /** Sticky. */
  readonly form: RegExp;
}

const PRI: Prefix = { first: LESS, form: /<\d{1,3}>/y };
/** The length of a frame of RFC 6587 that a receiver left in. */
const OCTETS = /\d{1,6} (?=<\d{1,3}>)/y;
/** FreeBSD's syslogd -v (numbers) and -vv (names). */
const BRACKETED: Prefix = { first: LESS, form: /<[\w|]{1,20}\.[\w|]{1,20}> +/y };
/** What containerd and cri-o write before a container's line. */
const CONTAINER: Prefix = { first: 0x73, form: /(?:stdout|stderr) [FP] /y };
/** AIX's syslogd, before the tag of what it forwards. */
const FORWARDED = /Message forwarded from (\S{1,255}): /y;
/** An address in brackets. */
const BRACKETED_HOST = /^\[[^[\]]+\]$/;
const FACILITY =
  'kern|user|mail|daemon|auth|authpriv|security|syslog|lpr|news|uucp|cron|ftp|ntp|audit|alert|clock|console|caa|aso|local[0-7]';
const SEVERITY = 'emerg|panic|alert|crit|err|error|warn|warning|notice|info|debug|none';
/** BusyBox's and a custom `daemon.warn`; AIX's `auth|security:warn|warning`. */
const PRIORITY = new RegExp(
  `^(?:${FACILITY})(?:\\|(?:${FACILITY}))?[.:](?:${SEVERITY})(?:\\|(?:${SEVERITY}))?$`,
);
/** F5's: the severity alone, after the host. */
const SEVERITY_ALONE = new RegExp(`^(?:${SEVERITY})$`, 'i');
/** Mac OS X 10.4's ASL in text form. */
const ASL =
  /^\[Time ([^\]]*)\] \[Facility [^\]]*\] \[Sender ([^\]]*)\] \[PID (-?\d{1,10})\] \[Message (.*)\] \[Level \d+\] \[UID -?\d+\] \[GID -?\d+\] \[Host ([^\]]*)\]$/s;
const AUDIT = /^(?:node=(\S+) )?(?=type=\S+ msg=audit\((\d{1,12}\.\d{1,9}):\d+\): )/;
/** Longest token that is accepted as a host or a tag. */
const TOKEN = 512;
/** Most tokens before a tag, and most nested headers. */
const TOKENS = 5;
const HEADERS = 4;

/** Splits a line into its parts; null where it has no known header. */
export function readHeader(line: string, context: HeaderContext): Entry | null {
  const first = line.charCodeAt(0);
  // A log may begin with a byte order mark.
  if (first === 0xfeff) return readHeader(line.slice(1), context);
  if (first === OPEN && line.startsWith('[Time ')) return readAsl(line, context.dating);
  if (line.startsWith('type=') || line.startsWith('node=')) return readAudit(line);
  return readSyslog(line, frameEnd(line), context, HEADERS);
}

/** Where the length of a frame ends; 0 where there is none. */
function frameEnd(line: string): number {
  const end = line.indexOf(' ') + 1;
  if (line.charCodeAt(end) !== LESS) return 0;
  OCTETS.lastIndex = 0;
  return OCTETS.test(line) ? end : 0;
}

/** Where a prefix at `from` ends; `from` where there is none. */
function skip({ first, form }: Prefix, line: string, from: number): number {
  if (line.charCodeAt(from) !== first) return from;
  form.lastIndex = from;
  return form.test(line) ? form.lastIndex : from;
}

/** The header at `from`, of RFC 5424 or of the traditional orders of time, host and tag. */
function readSyslog(
  line: string,
  from: number,
  context: HeaderContext,
  headers: number,
): Entry | null {
  const protocol = readProtocol(line, from, context.dating);
  if (protocol !== null) return protocol;
  const start = skip(PRI, line, from);
  const stamp = readTime(line, start, context.dating);
  if (stamp === null) return new RestReader(line, start, context).read(null);
  return readAfterTime(line, stamp, context, headers);
}

function readAfterTime(
  line: string,
  stamp: Stamp,
  context: HeaderContext,
  headers: number,
): Entry | null {
  const start = skip(BRACKETED, line, stamp.end);
  const inner = skip(CONTAINER, line, start);
  if (inner > start) {
    const entry = headers === 0 ? null : readSyslog(line, inner, context, headers - 1);
    return entry && nested({ at: stamp.at, host: null }, entry, context);
  }
  const afterHost = line.indexOf(' ', start) + 1;
  if (headers > 0 && afterHost > 0 && afterHost - start <= TOKEN) {
    const isHeader = beginsHeader(line, afterHost, context.dating);
    const host = isHeader ? line.slice(start, afterHost - 1) : '';
    if (isHost(host)) {
      const entry = readSyslog(line, afterHost, context, headers - 1);
      return entry && nested({ at: stamp.at, host }, entry, context);
    }
  }
  return new RestReader(line, start, context).read(stamp);
}

function beginsHeader(line: string, from: number, dating: Dating): boolean {
  // Nearly always a tag in small letters: no priority, time or version.
  const code = line.charCodeAt(from);
  if (code < 0x30 || code > 0x5b) return false;
  const start = skip(PRI, line, from);
  return readTime(line, start, dating) !== null || readProtocol(line, from, dating) !== null;
}

/** What is found after the host. */
type Found = Pick<Entry, 'tag' | 'pid' | 'message'>;

/**
 * Host and tag of the line that was read last, and the text before its pid: `gw sshd[`. Nearly always
 * they are those of the next line, which then need not be taken apart.
 */
let latest: { readonly text: string; readonly host: string; readonly tag: string } | null = null;

/**
 * Reads what follows the time: `host tag[pid]: `, without host (BusyBox -S), with a priority on
 * either side of the host, with the host twice, or with what a relay inserted.
 */
class RestReader {
  readonly #line: string;
  readonly #context: HeaderContext;
  readonly #from: number;
  #start: number;
  #host: string | null = null;

  constructor(line: string, from: number, context: HeaderContext) {
    this.#line = line;
    this.#context = context;
    this.#from = from;
    this.#start = from;
  }

  /** @param stamp null: the line has no time, and only a tag with a pid is then accepted */
  read(stamp: Stamp | null): Entry | null {
    const found = stamp === null ? this.#findTag(true) : (this.#asLatest() ?? this.#findTag(false));
    const own = stamp === null ? null : { host: null, message: this.#line.slice(this.#from) };
    if (found === null && own === null) return null;
    const at = stamp?.at ?? null;
    if (found === null) return { at, host: null, tag: null, pid: null, message: '', own };
    const { tag, pid, message } = found;
    return { at, host: this.#host, tag, pid, message, own };
  }

  /** What it finds if host and tag are those of the latest line; null if they are not. */
  #asLatest(): Found | null {
    if (latest === null || !this.#line.startsWith(latest.text, this.#from)) return null;
    const pid = pidAt(this.#line, this.#from + latest.text.length);
    if (pid === null) return null;
    this.#host = latest.host;
    return { tag: latest.tag, pid: pid.pid, message: this.#line.slice(pid.end) };
  }

  /** Keeps host and tag for the next line. */
  #keep(tag: string): void {
    const host = this.#host;
    const length = this.#start - this.#from + tag.length + 1;
    if (host === null || length > TOKEN / 2) return;
    latest = { text: this.#line.slice(this.#from, this.#from + length), host, tag };
  }

  #findTag(bare: boolean): Found | null {
    for (let tokens = 0; tokens < TOKENS; tokens++) {
      const token = this.#token();
      if (token === null) return null;
      const tag = tagIn(token, bare);
      if (tag !== null) {
        if (bare && tag.pid === null) return null;
        const message = this.#line.slice(this.#start + tag.length);
        if (tokens === 1 && tag.pid !== null && !bare) this.#keep(tag.tag);
        return { tag: tag.tag, pid: tag.pid, message };
      }
      const tail = tokens === 1 && !bare ? readProtocolTail(this.#line, this.#start) : null;
      if (tail !== null) return tail;
      if (!this.#passes(token)) return null;
      this.#start += token.length;
      while (this.#line.charCodeAt(this.#start) === BLANK) this.#start++;
    }
    return null;
  }

  #token(): string | null {
    const blank = this.#line.indexOf(' ', this.#start);
    const end = blank === -1 ? this.#line.length : blank;
    if (end - this.#start > TOKEN || end === this.#start) return null;
    return this.#line.slice(this.#start, end);
  }

  /** Whether a token that is not a tag may precede one. */
  #passes(token: string): boolean {
    if ((token.includes('.') || token.includes(':')) && PRIORITY.test(token)) return true;
    const host = this.#host;
    if (host === null) {
      this.#host = token;
      return isHost(token);
    }
    if (SEVERITY_ALONE.test(token) || isSameHost(host, token)) return true;
    FORWARDED.lastIndex = this.#start;
    const forwarded = FORWARDED.exec(this.#line);
    if (forwarded !== null) {
      // The rest of the words is skipped with the first one.
      this.#start = FORWARDED.lastIndex - token.length - 1;
      if (this.#context.isRelay(host)) this.#host = forwarded[1]!;
      return true;
    }
    if (!this.#context.isRelay(host)) return ipVersion(token) !== 0;
    this.#host = token;
    return isHost(token);
  }
}

/** Whether a token is a host's name or address, not a tag. */
function isHost(token: string): boolean {
  const last = token.charCodeAt(token.length - 1);
  if (last === CLOSE) return BRACKETED_HOST.test(token);
  return token !== '' && last !== COLON && last !== OPEN;
}

/** Whether both are the same host's name, short or fully qualified. */
function isSameHost(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function readAsl(line: string, dating: Dating): Entry | null {
  const m = ASL.exec(line);
  if (m === null) return null;
  const stamp = readTime(`Mon ${m[1]!.replace(/\./g, '-')} `, 0, dating);
  const pid = Number(m[3]);
  return { at: stamp?.at ?? null, host: m[5]!, tag: m[2]!, pid, message: m[4]!, own: null };
}

/** The audit daemon's own log. */
function readAudit(line: string): Entry | null {
  const m = AUDIT.exec(line);
  if (m === null) return null;
  const own = { host: m[1] ?? null, message: line.slice(m[0].length) };
  const at = Math.floor(Number(m[2]) * 1000);
  return { at, host: own.host, tag: null, pid: null, message: '', own };
}
