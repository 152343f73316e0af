/** Services of a booted machine that tcpd guards; systemd listens for them in place of inetd. */
import { listens } from './nsca-inside.ts';
import type { System } from './systemd.ts';
import { until } from './until.ts';

/** Ports of the daemons that were guarded so far. */
let last = 2300;

/** Guards a daemon of this name, which need not exist; returns what connects to it. */
export async function guard(system: System, daemon: string): Promise<() => void> {
  const port = ++last;
  const folder = '/run/systemd/system';
  system.write(
    `${folder}/${daemon}.socket`,
    `[Socket]\nListenStream=127.0.0.1:${port}\nAccept=yes\n`,
  );
  const service = `[Service]\nExecStart=@/usr/sbin/tcpd ${daemon}\nStandardInput=socket\n`;
  system.write(`${folder}/${daemon}@.service`, service);
  system.run('systemctl', 'daemon-reload');
  system.run('systemctl', 'start', `${daemon}.socket`);
  await until(daemon, () => listens(system, port));
  // tcpd keeps it for some seconds.
  return () => void system.program('bash', '-c', `cat < /dev/tcp/127.0.0.1/${port}`);
}
