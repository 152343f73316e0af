/**
 * NRDP's answers: JSON or XML, like the request, always with HTTP 200. The texts are those of
 * server/includes/constants.inc.php, from NRDP 1.2 to 2.0.6.
 */
import { answerText } from '../answer.ts';
import { MonitorError, type FaultKind } from '../error.ts';
import type { HttpAnswer } from '../http/client.ts';
import { statusError } from '../http/errors.ts';

/** An answer, and what is needed of the request to judge it. */
export interface Exchange {
  readonly answer: HttpAnswer;
  readonly where: string;
  readonly format: 'json' | 'xml';
  /** Whether a user and a password were sent. */
  readonly basic: boolean;
  /** Results that were sent. */
  readonly count: number;
  /** Bytes of the request's body. */
  readonly size: number;
}

/** The fields of the answer, not cleaned yet. */
interface Said {
  readonly status: number;
  /** `OK`, or the text of a failure. */
  readonly message: string;
  /** Details of a failure. */
  readonly information: string;
  /** `2 checks processed` */
  readonly output: string;
  readonly version: string;
}

/** A body up to this size is never too long for a web server or PHP, bytes. */
const SMALL = 100_000;

/** What each text of a failure means. */
const WORDS: Readonly<Record<string, readonly [FaultKind, string]>> = {
  'BAD TOKEN': [
    'unauthorised',
    'does not know the token: it is none of authorized_tokens in its config.inc.php',
  ],
  'NO TOKENS': ['unauthorised', 'has no authorized_tokens in its config.inc.php: add the token'],
  'DENIED TOKEN': ['unauthorised', 'denies the token: look in its config.inc.php'],
  'NOT AUTHENTICATED': [
    'unauthorised',
    'requires basic authentication (require_basic_auth): give user and password, and configure the web server to ask for them',
  ],
  BAD_USER: [
    'unauthorised',
    'does not accept this user: add it to valid_basic_auth_users in its config.inc.php',
  ],
  'HTTPS REQUIRED': ['tls', 'takes results by HTTPS only (require_https): give its https URL'],
  'NO CHECK RESULTS DIR': [
    'command-file',
    "has no check_results_dir in its config.inc.php: name Nagios' check_result_path there",
  ],
  'BAD CHECK RESULTS DIR': [
    'command-file',
    "cannot use its check_results_dir: is it Nagios' check_result_path, and may the web server write it?",
  ],
};

/**
 * Judges the answer to results; returns if all of them were taken.
 * @throws MonitorError
 */
export function allTaken(asked: Exchange): void {
  const { output } = succeeded(asked);
  const [, count] = /^(\d+) checks processed/.exec(output) ?? [];
  if (Number(count) === asked.count) return;
  const text = `${asked.where} has processed ${count ?? 'an unknown number'} of ${asked.count} results`;
  throw new MonitorError('too-large', text);
}

/**
 * Judges the answer to an empty XML document, which NRDP reads after it has checked the token. Old
 * versions reject it, but that also shows that the token is right.
 * @throws MonitorError
 */
export function takesNothing(asked: Exchange): void {
  const { message } = judged(asked);
  if (message !== 'BAD XML' && message !== 'NO DATA') succeeded(asked);
}

/** NRDP's answer on success; throws MonitorError otherwise. */
export function succeeded(asked: Exchange): Said {
  const said = judged(asked);
  if (said.status === 0) return said;
  throw errorOf(said, asked);
}

/** NRDP's answer; throws MonitorError where the answer is not NRDP's. */
function judged(asked: Exchange): Said {
  const { answer } = asked;
  if (answer.status !== 200) throw errorOfStatus(answer.status, asked);
  const said = whatIsSaid(answer.body);
  if (said === null) throw notNrdp(asked);
  return said;
}

function errorOf({ message, information }: Said, asked: Exchange): MonitorError {
  const { where, format } = asked;
  const [kind, words] = WORDS[message] ?? [];
  if (kind !== undefined) return new MonitorError(kind, `${where} ${words}`);
  if (message === 'NO TOKEN') return dropped(asked);
  if (message === 'NO DATA') {
    if (format === 'xml') return dropped(asked);
    const text = `${where} does not read JSON, like NRDP before 1.5: set format: xml`;
    return new MonitorError('protocol', text);
  }
  const more = information === '' ? '' : `, ${answerText(information)}`;
  if (message === 'BAD JSON' || message === 'BAD XML') {
    const text = `${where} cannot read the results (${message}${more}); does something in between change them?`;
    return new MonitorError('too-large', text);
  }
  return new MonitorError('refused', `${where} refuses: ${answerText(message)}${more}`);
}

/** PHP discards the whole form if it is too long, and NRDP finds nothing. */
function dropped({ where, size }: Exchange): MonitorError {
  if (size > SMALL) {
    return new MonitorError(
      'too-large',
      `${where} drops a request of ${size} bytes (post_max_size)`,
    );
  }
  const text = `${where} does not get what is sent to it; is there a proxy in between that drops it?`;
  return new MonitorError('protocol', text);
}

function errorOfStatus(status: number, { where, basic }: Exchange): MonitorError {
  if (status === 413) {
    return new MonitorError('too-large', `${where} refuses a request of this size (HTTP 413)`);
  }
  if (status === 401) {
    const text = basic
      ? `${where} refuses the login (HTTP 401): are user and password those of the web server?`
      : `${where} requires basic authentication (HTTP 401): give user and password`;
    return new MonitorError('unauthorised', text);
  }
  if (status === 403) {
    const text = `${where} refuses access from this host (HTTP 403): look in the web server's configuration`;
    return new MonitorError('unauthorised', text);
  }
  if (status === 404) {
    return new MonitorError('protocol', `${where} has no such page (HTTP 404); is the URL right?`);
  }
  if (status === 500) {
    const text = `${where} fails (HTTP 500): the web server's error log says why`;
    return new MonitorError('protocol', text);
  }
  return statusError(where, status);
}

function notNrdp(asked: Exchange): MonitorError {
  const { where, size } = asked;
  const { body, type } = asked.answer;
  if (/request handler/i.test(body)) {
    const text = `${where} has no plugin for check results: is its folder nagioscorepassivecheck there?`;
    return new MonitorError('protocol', text);
  }
  // NRDP sees nothing of a form that is too long, and shows its page.
  if (size > SMALL) return dropped(asked);
  const kind = type === '' ? 'something' : answerText(type);
  const text = `${where} answers ${kind} that is not NRDP's; is the URL right? It usually ends in /nrdp/`;
  return new MonitorError('protocol', text);
}

/** Null where it is not an answer of NRDP. PHP's warnings may precede it. */
function whatIsSaid(body: string): Said | null {
  const json = /\{\s*"(?:result|response)"[^]*\}/.exec(body)?.[0];
  return json === undefined ? fromXml(body) : fromJson(json);
}

function fromJson(json: string): Said | null {
  try {
    const { result, response } = JSON.parse(json) as Record<string, Record<string, unknown>>;
    const { status, message, information, version, meta } = result ?? response ?? {};
    if (status === undefined) return null;
    const output = (meta as { output?: unknown } | undefined)?.output;
    return {
      status: Number(status),
      message: String(message),
      information: textOf(information),
      output: textOf(output),
      version: textOf(version),
    };
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fromXml(body: string): Said | null {
  const element = (name: string) =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]?.trim() ?? '';
  const status = element('status');
  if (!/<(result|response)>/.test(body) || !/^-?\d+$/.test(status)) return null;
  return {
    status: Number(status),
    message: element('message'),
    information: element('information'),
    output: element('output'),
    version: element('version'),
  };
}
