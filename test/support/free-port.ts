/** Ports of loopback for servers that must be told theirs. */
import { readFileSync } from 'node:fs';
import { createServer, type ListenOptions } from 'node:net';

/**
 * The first port that tests take. It is below those that the kernel gives to connections, one of
 * which could have it before the server is up, or while a test has stopped it.
 */
const FIRST = 20_000;
/** How many there are where those of connections begin lower. */
const FEWEST = 5_000;
/** The end of them. */
const END = Math.max(
  FIRST + FEWEST,
  Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t', 1)[0]),
);

/** The processes of test files begin at different places, and seldom ask for the same port. */
let next = FIRST + ((process.pid * 97) % (END - FIRST));

/** A port that nobody listens on, and that no other test is given while this process runs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next;
    next = port + 1 < END ? port + 1 : FIRST;
    if (!(await listens({ host: '127.0.0.1', port }, false))) continue;
    // A socket of this name is the mark for other processes; it goes with this one.
    if (await listens({ path: `\0denywatch-test-port-${port}` }, true)) return port;
  }
}

/** Whether we can listen there; and goes on doing so if it is `kept`. */
async function listens(options: ListenOptions, kept: boolean): Promise<boolean> {
  const server = createServer().unref();
  const could = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false)).listen(options, () => resolve(true));
  });
  if (could && !kept) await new Promise((resolve) => server.close(resolve));
  return could;
}
