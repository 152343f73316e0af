/** The tag of a log line, with the pid: `sshd[4242]:`. */

const BLANK = 0x20;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** After `tag[pid]:` the blank may be missing. */
const TAG_GLUED = /^([^\s[]+)\[(\d{1,10})\]:/;
/** Without a colon, as rsyslog writes what it received by RFC 5424: only with a pid. */
const TAG_BARE = /^([^\s[\]]+)\[(\d{1,10})\]$/;

export interface Tag {
  readonly tag: string;
  readonly pid: number | null;
  /** How many characters of the token are the tag, with the pid and the colon. */
  readonly length: number;
}

/**
 * A token as a tag, recognised by its end before it is split; null where it is not one.
 * @param bare the line has no time: then a tag without a colon is not accepted
 */
export function tagIn(token: string, bare: boolean): Tag | null {
  if (token.endsWith(':')) return tagBeforeColon(token);
  if (token.endsWith(']') && !bare) return tagBy(TAG_BARE, token);
  return token.includes(']:') ? tagBy(TAG_GLUED, token) : null;
}

function tagBy(form: RegExp, token: string): Tag | null {
  const m = form.exec(token);
  return m && { tag: m[1]!, pid: Number(m[2]), length: m[0].length };
}

/** `tag[pid]:` or `tag:`, as nearly every line has it. */
function tagBeforeColon(token: string): Tag | null {
  const end = token.length - 1;
  if (end === 0 || hasBlank(token)) return null;
  const open = bracketOfPid(token, end);
  if (open === -1) return { tag: token.slice(0, end), pid: null, length: end + 1 };
  const pid = numberIn(token, open + 1, end - 1);
  return { tag: token.slice(0, open), pid, length: end + 1 };
}

/**
 * The pid at `start`, after the bracket of `tag[pid]:`, and where the message begins; null where there
 * is another text, or where no blank and no end follows.
 */
export function pidAt(line: string, start: number): { pid: number; end: number } | null {
  let close = start;
  while (isDigit(line.charCodeAt(close))) close++;
  const end = close + 2;
  const isTag =
    line.startsWith(']:', close) && (line.charCodeAt(end) === BLANK || end === line.length);
  return isTag && isPid(close - start) ? { pid: numberIn(line, start, close), end } : null;
}

/** Whether there is a blank in it, of any kind. */
function hasBlank(token: string): boolean {
  for (let at = 0; at < token.length; at++) {
    const code = token.charCodeAt(at);
    if (code <= BLANK || code >= 0x7f) return /\s/.test(token);
  }
  return false;
}

/** Where the bracket before the pid is in `tag[pid]`, which ends at `end`; -1 without a pid. */
function bracketOfPid(token: string, end: number): number {
  if (token.charCodeAt(end - 1) !== CLOSE) return -1;
  let at = end - 2;
  while (isDigit(token.charCodeAt(at))) at--;
  return at > 0 && token.charCodeAt(at) === OPEN && isPid(end - 2 - at) ? at : -1;
}

/** Whether a pid may have so many digits. */
function isPid(digits: number): boolean {
  return digits >= 1 && digits <= 10;
}

/** The number of the digits from `start` to `end`. */
function numberIn(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = 10 * number + text.charCodeAt(at) - ZERO;
  return number;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}
