/** The verb `denied`: stands in for the recipe's script `handle_tcp_wrapper %h %d`. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { configPath } from '../config/load.ts';
import { loadQueueConfig } from '../agent/config.ts';
import { shortHostName } from '../host/name.ts';
import type { Denial } from '../parse/denial.ts';
import { changeQueue } from '../queue/change.ts';
import { complain } from '../text/terminal.ts';

export const help = `usage: denywatch denied [--config PATH] CLIENT DAEMON

Hands one denial to the running agent, which folds and delivers it as if it had read it in
a log. For a twist or spawn rule that someone keeps in hosts.deny:

  ALL: ALL: twist /usr/bin/denywatch denied %h %d

CLIENT and DAEMON may be any text: they are never given to a shell.
`;

export const OPTIONS = { config: { type: 'string' } } as const;

export async function main(args: string[]): Promise<number> {
  // The last two are data even where a client calls itself --help.
  const [client, daemon] = args.slice(-2);
  const { values } = parseArgs({ args: args.slice(0, -2), options: OPTIONS });
  if (client === undefined || daemon === undefined || daemon === '') {
    complain('denywatch denied: needs CLIENT and DAEMON (denywatch denied --help)');
    return 2;
  }
  const config = loadQueueConfig(configPath(values.config));
  const denial: Denial = {
    at: Date.now(),
    host: shortHostName(),
    daemon,
    client: client === '' ? null : client,
    address: isIP(client) === 0 ? null : client,
    user: null,
    pid: null,
    program: 'denywatch',
    format: 'denied',
    count: 1,
  };
  changeQueue(config.path, { bounds: config }, ({ inbox }) => inbox.leave(denial));
  return 0;
}
