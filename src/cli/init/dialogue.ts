/** The questions of `init`: the monitor, what it needs, and this host's name. */
import { existsSync } from 'node:fs';
import { guessAt } from '../../config/nearest.ts';
import type { DraftKey } from '../../monitor/kind.ts';
import { mistakeInDraft } from '../../monitor/drafted.ts';
import { addressForm, draftMonitor, MONITOR_KEYS, type Draft } from '../../monitor/kinds.ts';
import { printText } from '../../text/terminal.ts';
import { reasonAgainstHost, secretPath, type Client } from './plan.ts';
import type { Prompt } from './prompt.ts';
import type { NewFile } from './write.ts';

/** What is known before anything is asked: the defaults, or what need not be asked. */
export interface Known {
  /** The monitor that was named or found. */
  readonly monitor: Draft | undefined;
  /** Whether it was named by an option. */
  readonly isNamed: boolean;
  readonly client: Client | null;
  readonly host: string;
  /** Path of the configuration: files with a secret are written beside it. */
  readonly path: string;
}

export interface Answers {
  readonly monitor: Draft;
  readonly host: string;
  readonly secrets: readonly NewFile[];
  readonly client: Client | null;
}

/** Asks for what is not known. @throws Interrupted at Ctrl-C, or at the end of the input */
export async function askAll(prompt: Prompt, known: Known): Promise<Answers> {
  const found = known.monitor;
  const monitor = found !== undefined && known.isNamed ? found : await askMonitor(prompt, found);
  const keys: DraftKey[] = [];
  const secrets: NewFile[] = [];
  const client = await askClient(prompt, known.client, monitor.kind);
  for (const key of client === null ? monitor.keys : []) {
    const draft = { ...monitor, keys: [...keys, key] };
    const { answered, secret } = await askKey(prompt, draft, known.path);
    keys.push(answered);
    if (secret !== null) secrets.push(secret);
  }
  const host = await askHost(prompt, known.host);
  return { monitor: { ...monitor, keys }, host, secrets, client };
}

async function askMonitor(prompt: Prompt, found: Draft | undefined): Promise<Draft> {
  const kind = await askKind(prompt, found?.kind ?? MONITOR_KEYS[0]!);
  const { form, example, complete } = addressForm(kind);
  const usual = found?.kind === kind ? found.place : example;
  for (;;) {
    const typed = await prompt.ask(`Its address, ${form}`, usual);
    const draft = draftMonitor(/^\/|:\/\//.test(typed) ? typed : complete(typed));
    const isSuch = draft?.kind === kind;
    const wrong = isSuch
      ? mistakeInDraft(draft, kind)
      : `'${typed}' is not such an address: use ${form}`;
    if (isSuch && wrong === null) return draft;
    printText(wrong ?? '');
  }
}

async function askKind(prompt: Prompt, usual: string): Promise<string> {
  const kinds: readonly string[] = MONITOR_KEYS;
  for (;;) {
    const typed = await prompt.ask(`Kind of monitor (${kinds.join(', ')})`, usual);
    if (kinds.includes(typed)) return typed;
    printText(`there is no kind '${typed}'${guessAt(typed, kinds)}`);
  }
}

/** The send_nsca.cfg to take the password from, if it is for this kind of monitor. */
async function askClient(
  prompt: Prompt,
  client: Client | null,
  kind: string,
): Promise<Client | null> {
  if (client?.key !== kind) return null;
  if (client.isNamed) return client;
  return (await prompt.isYes(`Take the password and the encryption from ${client.path}?`))
    ? client
    : null;
}

/** The last key with the answer; unchanged if the secret that it names will be written later. */
async function askKey(
  prompt: Prompt,
  draft: Draft,
  config: string,
): Promise<{ answered: DraftKey; secret: NewFile | null }> {
  const key = draft.keys.at(-1)!;
  const { missing, asks } = key;
  if (missing === null) return { answered: key, secret: null };
  if (asks === undefined) {
    return { answered: await askValue(prompt, draft, missing), secret: null };
  }
  const path = secretPath(config, key);
  const answered = { ...key, missing: null };
  if (existsSync(path)) {
    printText(`${path} exists already, and is used for ${asks}`);
    return { answered, secret: null };
  }
  const text = await prompt.secret(`${asks} (not shown; Enter: later)`);
  return text === '' ? { answered: key, secret: null } : { answered, secret: { path, text } };
}

/** The last key with a value that can be used. */
async function askValue(prompt: Prompt, draft: Draft, missing: string): Promise<DraftKey> {
  const before = draft.keys.slice(0, -1);
  const key = draft.keys.at(-1)!;
  for (;;) {
    const value = await prompt.ask(`${key.key} (${missing})`, key.value);
    const answered = { ...key, value, missing: null };
    const wrong = mistakeInDraft({ ...draft, keys: [...before, answered] }, key.key);
    if (key.isFile === true || wrong === null) return answered;
    printText(wrong);
  }
}

async function askHost(prompt: Prompt, usual: string): Promise<string> {
  for (;;) {
    const host = await prompt.ask('The name of this host in the monitor', usual);
    const reason = reasonAgainstHost(host);
    if (reason === null) return host;
    printText(reason);
  }
}
