/**
 * Headers of log lines: everything in front of the message. One function for all writers, because
 * a file may hold lines of several (a change of template, a relay), and each form is told apart by
 * its first characters. Nothing here looks at the message.
 */
import { isIP } from 'node:net';
import { readTime, type Dating } from './time.ts';

/** A line taken apart. */
export interface Entry {
  /** Milliseconds since 1970, null where the header has no time. */
  readonly at: number | null;
  readonly host: string | null;
  /** The syslog tag; null in a program's own log file. */
  readonly tag: string | null;
  readonly pid: number | null;
  readonly message: string;
  /** The program whose own log file the line's form is of, null for syslog. */
  readonly own: 'vsftpd' | 'auditd' | null;
}

const PRI = /<\d{1,3}>/y;
/** FreeBSD's syslogd -v (numbers) and -vv (names). */
const BRACKETED = /<[\w|]{1,20}\.[\w|]{1,20}> +/y;
/** `tag[pid]:` or `tag:` as a whole token; `tag[pid]:` may lack the blank after it. */
const TAG = /^([^\s]+?)(?:\[(\d{1,10})\])?:$/;
const TAG_GLUED = /^([^\s[]+)\[(\d{1,10})\]:/;
const FACILITY =
  'kern|user|mail|daemon|auth|authpriv|security|syslog|lpr|news|uucp|cron|ftp|ntp|audit|alert|clock|console|caa|aso|local[0-7]';
const SEVERITY = 'emerg|panic|alert|crit|err|error|warn|warning|notice|info|debug|none';
/** BusyBox's and a custom `daemon.warn`; AIX's `auth|security:warn|warning`. */
const PRIORITY = new RegExp(
  `^(?:${FACILITY})(?:\\|(?:${FACILITY}))?[.:](?:${SEVERITY})(?:\\|(?:${SEVERITY}))?$`,
);
/** Solaris' message ID, between tag and message. */
const SOLARIS_ID = /^\[ID \d{1,10} \w{1,20}\.\w{1,20}\] /;
/** Mac OS X 10.4's ASL in text form. */
const ASL =
  /^\[Time ([^\]]*)\] \[Facility [^\]]*\] \[Sender ([^\]]*)\] \[PID (-?\d{1,10})\] \[Message (.*)\] \[Level \d+\] \[UID -?\d+\] \[GID -?\d+\] \[Host ([^\]]*)\]$/;
const AUDIT = /^(?:node=(\S+) )?(?=type=\S+ msg=audit\((\d{1,12}\.\d{1,9}):\d+\): )/;
const VSFTPD = /\[pid (\d{1,10})\] /y;
const RFC5424 = /(?:<\d{1,3}>)?1 (\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,128}) (\S{1,64}) /y;
/** Longest token that is taken for a host or a tag. */
const TOKEN = 512;

/** Takes a line apart; null where it has no header that we know. */
export function readHeader(line: string, dating: Dating): Entry | null {
  const first = line.charCodeAt(0);
  if (first === 0x5b && line.startsWith('[Time ')) return readAsl(line, dating);
  if (line.startsWith('type=') || line.startsWith('node=')) return readAudit(line);
  const protocol = readProtocol(line, dating);
  if (protocol !== null) return protocol;
  PRI.lastIndex = 0;
  return readText(line, PRI.test(line) ? PRI.lastIndex : 0, dating, 1);
}

/** Time, host and tag, in any of the traditional orders, from `from` on. */
function readText(line: string, from: number, dating: Dating, relays: number): Entry | null {
  const stamp = readTime(line, from, dating);
  if (stamp === null) return readRest(line, from, null, true);
  BRACKETED.lastIndex = stamp.end;
  const start = BRACKETED.test(line) ? BRACKETED.lastIndex : stamp.end;
  VSFTPD.lastIndex = start;
  const vsftpd = VSFTPD.exec(line);
  if (vsftpd !== null) {
    const message = line.slice(VSFTPD.lastIndex);
    return { at: stamp.at, host: null, tag: null, pid: +vsftpd[1]!, message, own: 'vsftpd' };
  }
  // A relay that kept the sender's header puts its own in front: the sender's is what counts.
  const afterHost = line.indexOf(' ', start) + 1;
  if (relays > 0 && afterHost > 0 && readTime(line, afterHost, dating) !== null) {
    return readText(line, afterHost, dating, relays - 1);
  }
  return readRest(line, start, stamp.at, false);
}

/**
 * `host tag[pid]: `, without host (BusyBox -S), with a priority on either side of the host, or with
 * an address that a relay put after it. A tag ends in a colon, so it is the first token that does.
 * @param bare the line has no time: only a tag with a pid is then taken for one
 */
function readRest(line: string, from: number, at: number | null, bare: boolean): Entry | null {
  let host: string | null = null;
  let start = from;
  for (let tokens = 0; tokens < 3; tokens++) {
    const blank = line.indexOf(' ', start);
    const end = blank === -1 ? line.length : blank;
    if (end - start > TOKEN || end === start) return null;
    const token = line.slice(start, end);
    const whole = TAG.exec(token);
    const tag = whole ?? TAG_GLUED.exec(token);
    if (tag !== null) {
      if (bare && tag[2] === undefined) return null;
      const pid = tag[2] === undefined ? null : Number(tag[2]);
      const message = line.slice(start + tag[0].length);
      return { at, host, tag: tag[1]!, pid, message, own: null };
    }
    if (!PRIORITY.test(token)) {
      if (host === null) host = token;
      else if (isIP(token) === 0) return null;
    }
    start = end;
    while (line.charCodeAt(start) === 0x20) start++;
  }
  return null;
}

function readProtocol(line: string, dating: Dating): Entry | null {
  RFC5424.lastIndex = 0;
  const m = RFC5424.exec(line);
  if (m === null) return null;
  const stamp = m[1] === '-' ? null : readTime(`${m[1]} `, 0, dating);
  if (m[1] !== '-' && stamp === null) return null;
  const end = skipStructuredData(line, RFC5424.lastIndex);
  if (end === null) return null;
  const [host, tag] = [nil(m[2]!), nil(m[3]!)];
  const pid = /^\d{1,10}$/.test(m[4]!) ? Number(m[4]) : null;
  return { at: stamp?.at ?? null, host, tag, pid, message: line.slice(end), own: null };
}

function nil(text: string): string | null {
  return text === '-' ? null : text;
}

/** The end of RFC 5424's structured data at `from`, null where it does not end. */
function skipStructuredData(line: string, from: number): number | null {
  if (line[from] === '-') return from + 1;
  let quoted = false;
  for (let at = from; at < line.length; at++) {
    const c = line[at];
    if (quoted && c === '\\') at++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ']' && line[at + 1] !== '[') return at + 1;
  }
  return null;
}

function readAsl(line: string, dating: Dating): Entry | null {
  const m = ASL.exec(line);
  if (m === null) return null;
  const stamp = readTime(`Mon ${m[1]!.replace(/\./g, '-')} `, 0, dating);
  const pid = Number(m[3]);
  return { at: stamp?.at ?? null, host: m[5]!, tag: m[2]!, pid, message: m[4]!, own: null };
}

function readAudit(line: string): Entry | null {
  const m = AUDIT.exec(line);
  if (m === null) return null;
  const message = line.slice(m[0].length);
  const at = Math.floor(Number(m[2]) * 1000);
  return { at, host: m[1] ?? null, tag: null, pid: null, message, own: 'auditd' };
}

/** The message without what surrounds it: blanks, carriage return, NUL, BOM, Solaris' ID. */
export function cleanMessage(message: string): string {
  let start = 0;
  let end = message.length;
  while (start < end && edge(message.charCodeAt(start))) start++;
  while (end > start && edge(message.charCodeAt(end - 1))) end--;
  const text = message.slice(start, end);
  const id = text.startsWith('[ID ') ? SOLARIS_ID.exec(text) : null;
  return id === null ? text : text.slice(id[0].length);
}

/** The program of a tag is the last part of its path; a path without one is no program's. */
export function baseName(tag: string): string {
  return tag.startsWith('/') ? tag.slice(tag.lastIndexOf('/') + 1) || tag : tag;
}

function edge(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13) || code === 0 || code === 0xfeff;
}
