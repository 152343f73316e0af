/** `denywatch receive`: prints the results that an NSCA client sends. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { hideArguments } from '../host/process.ts';
import { MethodError, methodOf, METHODS } from '../monitor/nsca/cipher.ts';
import type { Packet } from '../monitor/nsca/packet.ts';
import { createReceiver } from '../monitor/nsca/receiver.ts';
import { complain, printFields, printJson } from '../text/terminal.ts';
import { readArguments, UsageError } from './arguments.ts';
import { reasonOf } from '../text/reason.ts';

export const help = `usage: denywatch receive [OPTION...]

Runs a small NSCA receiver for trying things out. Prints each result to stdout as host,
service, state and output, separated by tabs. Ctrl-C ends it.

  --port PORT        the port to listen on, 0 for any free one (default 5667)
  --address ADDRESS  the address to listen on (default 127.0.0.1)
  --password TEXT    the clients' password (default: none)
  --method METHOD    the clients' encryption method, by name or number (default 1, xor)
  --old              take packets of 720 bytes, as NSCA before 2.9 used
  --json             print results as JSON Lines: host, service, state, output, at
`;

export const OPTIONS = {
  port: { type: 'string', default: '5667' },
  address: { type: 'string', default: '127.0.0.1' },
  password: { type: 'string', default: '' },
  method: { type: 'string', default: '1' },
  old: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const VALUES = { method: METHODS.map(({ name }) => name) };

/** Receives until SIGINT or SIGTERM. Exit status: 0 stopped, 1 can't listen, 2 wrong usage. */
export async function main(args: string[]): Promise<number> {
  const options = read(args);
  const { port, address, json } = options;
  hideArguments('denywatch receive');
  const show = json ? showJson : showLine;
  const server = await createReceiver({
    ...options,
    onResult: show,
    onProblem: complain,
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  try {
    await once(server.listen(port, address), 'listening');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const other = ['EADDRINUSE', 'EACCES'].includes(code) ? '--port' : '--address';
    complain(
      `denywatch receive: can't listen on ${address}:${port}: ${reasonOf(error)}; take another ${other}`,
    );
    return 1;
  }
  complain(`listening on ${address}:${(server.address() as AddressInfo).port}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  server.close();
  for (const socket of sockets) socket.destroy();
  return 0;
}

function read(args: string[]) {
  const { values } = readArguments(args, OPTIONS);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not '${values.port}'`);
  }
  return {
    port,
    address: values.address,
    password: Buffer.from(values.password),
    method: readMethod(values.method),
    outputSize: values.old ? (512 as const) : (4096 as const),
    json: values.json,
  };
}

function readMethod(given: string): number {
  try {
    return methodOf(given).number;
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    throw new UsageError(`--method: ${error.message}`, { cause: error });
  }
}

function showLine({ host, service, state, output }: Packet): void {
  printFields([host, service, String(state), output]);
}

function showJson({ host, service, state, output }: Packet): void {
  printJson({ host, service, state, output, at: new Date().toISOString() });
}
