/** `journalctl`, found on PATH: how to call it, how it ends, and what an old one cannot do. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isShortage } from '../../host/shortage.ts';
import type { JournalSettings } from './config.ts';
import { reasonOf } from '../../text/reason.ts';

/**
 * Options that an old journalctl, or one built without PCRE2, may lack, and that we can do without.
 */
export type Spared = 'grep' | 'output-fields';

/** `journalctl` could not be run or did not end well. The message is for an administrator. */
export class JournalctlError extends Error {
  /**
   * `missing`: not on PATH; `cursor`: it could not read the cursor; `partial`: it left out a file;
   * an option: it lacks that one.
   */
  readonly kind: 'missing' | 'cursor' | 'failed' | 'partial' | Spared;
  constructor(kind: JournalctlError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalctlError';
    this.kind = kind;
  }
}

/** All fields that the parser and the source read; a whole record is four times as long. */
const FIELDS = [
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_FACILITY',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_PID',
  '_COMM',
  '_EXE',
  '_HOSTNAME',
  '_PID',
  '_SOURCE_REALTIME_TIMESTAMP',
  '_TRANSPORT',
  '_UID',
];

/**
 * Options that every call has. `-m` because `-f` alone skips earlier boots; it adds other machines'
 * journals, so `matches` selects this machine's. `-a` because journalctl otherwise writes null for
 * a value of more than 4096 bytes.
 */
const ALWAYS = ['-q', '-m', '-a', '-o', 'json', '--no-pager'];

/** Options that restrict what is read to the fields and the lines that can matter. */
export function narrowing(grep: string | undefined, spared: ReadonlySet<Spared>): string[] {
  const options: string[] = [];
  if (!spared.has('output-fields')) options.push(`--output-fields=${FIELDS.join(',')}`);
  if (grep !== undefined && !spared.has('grep')) options.push(`--grep=${grep}`);
  return options;
}

/** This machine's id; undefined where it has none, as in a container. */
export function ownMachine(): string | undefined {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Options that name the journal to open: this machine's own, or another. */
export function openings({ directory, namespace }: JournalSettings): string[] {
  return [
    ...(directory === null ? [] : [`--directory=${directory}`]),
    ...(namespace === null ? [] : [`--namespace=${namespace}`]),
  ];
}

/** MESSAGE_ID of journald's own `Suppressed N messages from UNIT` (sd-messages.h). */
const SUPPRESSED = 'a596d6fe7bfa4994828e72309e95d61e';

/**
 * Matches for the configured identifiers and units (either is enough) and for journald's report of
 * suppressed messages, from these machines; from all where none is named.
 */
export function matches(config: JournalSettings, machines: readonly string[]): string[] {
  const own = machines.map((id) => `_MACHINE_ID=${id}`);
  const alternatives = [
    config.identifiers.map((name) => `SYSLOG_IDENTIFIER=${name}`),
    config.units.map((name) => `_SYSTEMD_UNIT=${name.includes('.') ? name : `${name}.service`}`),
  ].filter((terms) => terms.length > 0);
  if (alternatives.length === 0) return own;
  const terms = [`MESSAGE_ID=${SUPPRESSED}`, ...own];
  for (const alternative of alternatives) terms.push('+', ...alternative, ...own);
  return terms;
}

/**
 * Runs `journalctl` and yields what it writes. Ends when it succeeds; an abort kills it and ends
 * the iteration too. Throws JournalctlError. No process is left when the iteration is over.
 * @param onEnd called when it has succeeded, with what it says about each file that it left out
 */
export async function* journalctl(
  args: readonly string[],
  signal: AbortSignal,
  onEnd: (leftOut: readonly string[]) => void = () => {},
): AsyncGenerator<Buffer, void> {
  const child = spawn('journalctl', [...ALWAYS, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  });
  const ended = new Promise<number | NodeJS.Signals | null | Error>((resolve) => {
    child.once('error', resolve);
    child.once('close', (status, killed) => resolve(status ?? killed));
  });
  // It could not be started, and may have no streams.
  if (child.pid === undefined) {
    check(await ended, '');
    return;
  }
  let said = '';
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (said = (said + text).slice(-4096)));
  // It only reads, so it need not end gently.
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const end = await ended;
    if (signal.aborted) return;
    check(end, said.trim());
    onEnd(leftOutIn(said));
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await ended;
  }
}

/** Makes its output English, without colours. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', SYSTEMD_COLORS: '0' };
}

/** Throws for an end that is not one of journalctl's successful ones. */
function check(end: number | NodeJS.Signals | null | Error, said: string): void {
  if (isShortage(end))
    throw new JournalctlError('failed', `cannot start journalctl now: ${reasonOf(end)}`);
  if (end instanceof Error)
    throw new JournalctlError(
      'missing',
      `cannot run journalctl (${reasonOf(end)}): install it, or take the journal out of the sources`,
      { cause: end },
    );
  // With --grep, version 252 exits 1 without a message when nothing matched.
  if (end === 0 || (end === 1 && said === '')) return;
  const unknown = /unrecognized option '--(grep|output-fields)/.exec(said)?.[1];
  const kind = /without pattern matching support/i.test(said)
    ? 'grep'
    : /seek to cursor/i.test(said)
      ? 'cursor'
      : ((unknown as Spared | undefined) ?? 'failed');
  const why = said.split('\n').at(-1)?.replace(/\.$/, '') || 'it gave no reason';
  const hint = /insufficient permissions/i.test(said)
    ? '; add the user of this service to the group systemd-journal'
    : '';
  throw new JournalctlError(kind, `journalctl ended with ${end}: ${why}${hint}`);
}

/**
 * What journalctl says about files that it cannot open: it ends well without them
 * (journal_access_check_and_warn() in systemd).
 */
function leftOutIn(said: string): string[] {
  return Array.from(said.matchAll(/^(.+), ignoring file/gm), ([, what = '']) => what);
}

/**
 * The record that `journalctl -n 1` writes for these arguments; null where there is none.
 * @param onEnd see `journalctl`
 */
export async function oneRecord(
  args: readonly string[],
  signal: AbortSignal,
  onEnd?: (leftOut: readonly string[]) => void,
): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of journalctl(['-n', '1', ...args], signal, onEnd)) chunks.push(chunk);
  return chunks.length === 0 ? null : Buffer.concat(chunks);
}

/** Whether this process with its present rights can read a record; waits up to `timeout` ms. */
export function hasRecord(args: readonly string[], timeout: number): boolean {
  const asked = [...ALWAYS, '-n', '1', ...args];
  const { stdout } = spawnSync('journalctl', asked, { timeout, env: environment() });
  return stdout?.length > 0;
}
