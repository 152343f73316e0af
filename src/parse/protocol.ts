/**
 * RFC 5424 in log lines: complete, after another header, and without time as sysklogd writes it.
 */
import type { Entry } from './entry.ts';
import { readTime, type Dating } from './time.ts';

const RFC5424 = /(?:<\d{1,3}>)?1 (\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,128}) (\S{1,64}) /y;
/** `sshd 4242 - - refused connect …`, after time and host. */
const TAIL = /(\S{1,48}) (\d{1,10}|-) (\S{1,32}) (?=[-[])/y;

/** The header at `from`, which begins with the version; null where there is none. */
export function readProtocol(line: string, from: number, dating: Dating): Entry | null {
  const code = line.charCodeAt(from);
  if (code !== 0x3c && code !== 0x31) return null;
  RFC5424.lastIndex = from;
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

/** Program, process and message at `from`, without version, time and host. */
export function readProtocolTail(
  line: string,
  from: number,
): Pick<Entry, 'tag' | 'pid' | 'message'> | null {
  TAIL.lastIndex = from;
  const m = TAIL.exec(line);
  const end = m === null ? null : skipStructuredData(line, TAIL.lastIndex);
  if (m === null || end === null) return null;
  return { tag: m[1]!, pid: m[2] === '-' ? null : Number(m[2]), message: line.slice(end) };
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
