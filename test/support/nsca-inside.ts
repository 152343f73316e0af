/** The NSCA daemon inside a booted machine, on its usual port. */
import type { System } from './systemd.ts';
import { until } from './until.ts';

export interface NscaInside {
  start(): Promise<void>;
  stop(): void;
  /** The commands that it handed on so far. */
  commands(): string[];
}

const UNIT = 'receiver.service';
const PORT = 5667;
const PIPE = '/run/nsca.cmd';
const COMMANDS = '/run/commands';

/**
 * Prepares the daemon, which is not started yet. The machine must have Debian's nsca.
 * @param method its decryption_method: 1 is xor, 3 is 3des
 */
export function nscaInside(system: System, method = 1): NscaInside {
  const settings = [
    'server_address=127.0.0.1',
    `server_port=${PORT}`,
    `command_file=${PIPE}`,
    `decryption_method=${method}`,
    'password=secret',
  ];
  system.write('/run/nsca.cfg', `${settings.join('\n')}\n`);
  system.run('mkfifo', '-m', '666', PIPE);
  system.write(COMMANDS, '');
  // Opened for writing too, so that it never sees an end between two of the daemon's writes.
  system.program('sh', '-c', `exec cat <> ${PIPE} >> ${COMMANDS}`);
  const daemon = ['nsca', '-c', '/run/nsca.cfg', '-f', '--daemon'];
  return {
    start: async () => {
      system.run('systemd-run', '--quiet', `--unit=${UNIT}`, ...daemon);
      await until('the NSCA daemon', () => listens(system, PORT));
    },
    stop: () => void system.run('systemctl', 'stop', UNIT),
    commands: () => system.run('cat', COMMANDS).split('\n').slice(0, -1),
  };
}

/** Whether a port is listened on, without connecting to it: that would be one more refusal. */
export function listens(system: System, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return system.status('grep', '-q', `:${hex} 00000000:0000 0A`, '/proc/net/tcp') === 0;
}
