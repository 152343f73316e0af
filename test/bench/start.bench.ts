/** What it takes to start: the agent until it is ready, and the verbs that a rule or a script calls. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import test from 'node:test';
import { writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';
import { compare, timed } from './measure.ts';
import { EXECUTABLE, SERVICE } from './executable.ts';

test('it starts', async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const config = writeConfig(dir, {
    sources: [{ file: log }],
    monitors: [{ nsca: '127.0.0.1:9', encryption: '3des', password: 'secret' }],
  });

  const ours = async () => [
    await ready(config),
    await ms(EXECUTABLE, 'denied', '--config', config, '192.0.2.1', 'sshd'),
    await ms(EXECUTABLE, 'send', '--config', config, 'firestorm', 'TCP Wrappers', '0', 'Quiet'),
  ];
  const comparison = { unit: 'ms', better: 'less', peer: 'node -e 0', wanted: null } as const;
  await compare(
    t,
    [
      { ...comparison, what: 'from the start of the agent until it is ready', bound: 60 },
      { ...comparison, what: 'denied, a process from start to end', bound: 40 },
      { ...comparison, what: 'send, a process from start to end', bound: 40 },
    ],
    ours,
    bare,
  );
});

/** As many figures of a Node that has nothing to run. */
async function bare(): Promise<number[]> {
  const took = await ms(process.execPath, '-e', '0');
  return [took, took, took];
}

/** Milliseconds that a program takes from its start to its end. */
async function ms(command: string, ...args: string[]): Promise<number> {
  return 1000 * (await timed(command, args)).wall;
}

/** Milliseconds until the agent sends systemd READY=1, through a descriptor as the unit may give one. */
async function ready(config: string): Promise<number> {
  const script = 'LISTEN_PID=$$ LISTEN_FDNAMES=notify exec "$@"';
  const began = performance.now();
  const agent = spawn('sh', ['-c', script, 'sh', EXECUTABLE, 'run', '--config', config], {
    env: { ...SERVICE, NOTIFY_SOCKET: '/nowhere' },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let messages = '';
  for await (const chunk of agent.stdio[3] as Readable) {
    messages += String(chunk);
    if (messages.includes('READY=1')) break;
  }
  const took = performance.now() - began;
  agent.kill();
  if (agent.exitCode === null) await once(agent, 'exit');
  return took;
}
