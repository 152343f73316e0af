/** Unix sockets on which this process listens. */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';

/**
 * Has a server listen on a path. The socket of a process that was killed is replaced; anything else
 * there is left alone. Never throws: whatever fails is the server's 'error' event.
 * @param mode the rights of the socket
 */
export function listenAt(server: Server, path: string, mode: number): void {
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      server.emit('error', error);
    }
  };
  attempt(() => {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    server.listen(path, () => attempt(() => chmodSync(path, mode)));
  });
}
