/** The verb `denied`: replaces the recipe's script `handle_tcp_wrapper %h %d`. */
import { configPath } from '../config/place.ts';
import { loadQueueConfig } from '../queue/config.ts';
import { shortHostName } from '../host/name.ts';
import { actAs, ownerOf } from '../host/owner.ts';
import { hideOutput, toSyslog } from '../host/syslog.ts';
import type { Denial } from '../parse/denial.ts';
import { Names } from '../parse/names.ts';
import { changeQueue } from '../queue/change.ts';
import type { QueueConfig } from '../queue/config.ts';
import { addressOf } from '../text/address.ts';
import { complain } from '../text/terminal.ts';
import { mistakeIn, readData, UsageError } from './arguments.ts';
import { HOSTS } from './words.ts';
import { reasonWithPath } from '../text/reason.ts';

export const help = `usage: denywatch denied [--config PATH] CLIENT DAEMON

Reports one refusal to the agent, which treats it as if it had read it in a log. It is for a twist
or spawn rule in hosts.deny:

  in.telnetd: ALL: twist /usr/bin/denywatch denied %h %d

libwrap also logs such a rule: do not make that log a source, or each refusal is reported twice.
CLIENT and DAEMON may be any text; they are never passed to a shell. Put --config before them. If
the queue stays locked, the refusal is written to a file in the directory QUEUE.spool, where the
agent finds it. If stdout or stderr is a socket, nothing is written to it, and errors go to syslog.
`;

export const OPTIONS = { config: { type: 'string' } } as const;

export const PLACES = [HOSTS] as const;

const NAMES = ['CLIENT', 'DAEMON'];

/**
 * How long the queue may be locked before the denial is written to a file beside it, ms. The
 * refused client waits meanwhile.
 */
const PATIENCE = 15_000;

export async function main(args: string[]): Promise<number> {
  const isHidden = hideOutput();
  try {
    return await handOver(args);
  } catch (error) {
    const mistake = mistakeIn(error as Error, OPTIONS);
    // A mistake in a rule is logged wherever the rule's output goes.
    if (isHidden || mistake !== null)
      await toSyslog(`denywatch denied: ${mistake ?? reasonWithPath(error)}`);
    if (!isHidden) throw error;
    return mistake === null ? 1 : 2;
  }
}

async function handOver(args: readonly string[]): Promise<number> {
  const { values, positionals } = readData(args, OPTIONS, { names: NAMES, fits: () => true });
  const [client = '', daemon = ''] = positionals;
  if (daemon === '') throw new UsageError(`needs ${NAMES.join(' and ')}`);
  const config = loadQueueConfig(configPath(values.config));
  const names = new Names();
  const denial: Denial = {
    at: Date.now(),
    host: shortHostName(),
    daemon: names.keep(daemon),
    client: client === '' ? null : names.keep(client),
    address: addressOf(client),
    user: null,
    pid: null,
    program: 'denywatch',
    format: 'denied',
    count: 1,
  };
  try {
    changeQueue(config.path, { bounds: config, patience: PATIENCE }, ({ inbox }) =>
      inbox.leave(denial),
    );
  } catch (error) {
    await intoFile(config, denial, error as Error);
  }
  return 0;
}

/** If the queue is locked or its disk fails, the agent finds the denial in a file. */
async function intoFile({ path, size }: QueueConfig, denial: Denial, why: Error): Promise<void> {
  try {
    const { spool } = await import('../queue/spool-file.ts');
    actAs(ownerOf(path), () => spool(path, denial, size));
    const text = `denywatch denied: ${reasonWithPath(why)}; the denial waits in a file for the agent`;
    complain(text);
    await toSyslog(text);
  } catch (error) {
    const who = `${denial.client ?? 'unknown'} by ${denial.daemon}`;
    const also = reasonWithPath(error);
    throw new Error(
      `cannot report the refusal of ${who}: ${reasonWithPath(why)}; cannot write it to a file either: ${also}`,
      { cause: error },
    );
  }
}
