/** Debian's NSCA-ng server on a free port of loopback, with a sink behind it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { NscaNgSettings } from '../../src/monitor/nsca-ng/config.ts';
import { freePort } from './free-port.ts';
import { sink } from './nsca.ts';
import { program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

export interface NscaNg {
  readonly config: NscaNgSettings;
  /** Commands that came out of the server, with their time. */
  readonly commands: () => string[];
  readonly start: () => Promise<void>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** @param services which services the client `denywatch` may send results for */
export async function startNscaNg(t: TestContext, services = '.*'): Promise<NscaNg> {
  const dir = tempDir(t);
  const port = await freePort();
  const commandFile = join(dir, 'commands');
  const read = sink(t, commandFile);
  const file = join(dir, 'nsca-ng.cfg');
  const lines = [
    `listen = "127.0.0.1:${port}"`,
    `command_file = "${commandFile}"`,
    `temp_directory = "${dir}"`,
    'authorize "denywatch" {',
    '  password = "secret"',
    '  hosts = ".*"',
    `  services = "${services}"`,
    '}',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  let server = program(t, 'true', []);
  const start = async () => {
    server = program(t, '/usr/sbin/nsca-ng', ['-F', '-S', '-c', file]);
    await until('the NSCA-ng server', () => server.stderr().includes('starting up'));
  };
  await start();
  const config = {
    kind: 'nsca-ng',
    name: `127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    identity: 'denywatch',
    password: Buffer.from('secret'),
    timeout: 60_000,
    sourceAddress: null,
  } as const;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    server.kill(signal);
    await server.end();
  };
  return { config, commands: () => [...read()], start, stop };
}
