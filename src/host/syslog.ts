/** Messages to the administrator when nobody may see our output. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { visible } from '../text/unseen.ts';

/** Longest message, characters. */
const LONGEST = 1000;
/** How long logger(1) may take, ms. */
const PATIENCE = 5000;

/**
 * Points stdout and stderr to /dev/null if they are sockets: under inetd or tcpd that is the
 * connection of the refused client, who must not learn our paths.
 * @returns whether one of them was a socket
 */
export function hideOutput(): boolean {
  const sockets = [1, 2].filter((fd) => fstatSync(fd).isSocket());
  for (const fd of sockets) {
    closeSync(fd);
    // It gets the free number.
    openSync('/dev/null', 'w');
  }
  return sockets.length > 0;
}

/** Writes a line to syslog with logger(1): Node has no Unix datagram sockets. */
export async function toSyslog(text: string): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  const message = visible(text).slice(0, LONGEST);
  const args = ['--tag', 'denywatch', '--priority', 'daemon.err', '--', message];
  spawnSync('logger', args, { stdio: 'ignore', timeout: PATIENCE });
}
