/** Saying something to the administrator where nobody may see our output. */
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { visible } from '../text/unseen.ts';

/** Most characters of a message. */
const LONGEST = 1000;
/** How long the system's logger may take, ms. */
const PATIENCE = 5000;

/**
 * Has stdout and stderr lead nowhere where they are sockets: under inetd or tcpd that is the
 * connection of whoever was refused, who need not know our paths.
 * @returns whether one of them was
 */
export function hideOutput(): boolean {
  const sockets = [1, 2].filter((fd) => fstatSync(fd).isSocket());
  for (const fd of sockets) {
    closeSync(fd);
    // It takes the number that is free.
    openSync('/dev/null', 'w');
  }
  return sockets.length > 0;
}

/** Writes a line to the system's log, by logger(1): Node has no datagram sockets of that family. */
export function toSyslog(text: string): void {
  const message = visible(text).slice(0, LONGEST);
  const args = ['--tag', 'denywatch', '--priority', 'daemon.err', '--', message];
  spawnSync('logger', args, { stdio: 'ignore', timeout: PATIENCE });
}
