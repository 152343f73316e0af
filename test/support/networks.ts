/** Two hosts with a cable between them: network namespaces of the test's own. */
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { program } from './program.ts';
import { until } from './until.ts';

interface Host {
  readonly address: string;
  /** Command and arguments that run a program on this host. */
  readonly run: readonly string[];
}

export interface Networks {
  readonly agent: Host;
  readonly monitor: Host;
  /** Whether what the monitor sends is dropped on its way, without a word to anybody. */
  readonly blackHole: (on: boolean) => void;
}

/** Addresses of TEST-NET-1 (RFC 5737): nothing outside of the namespaces has them. */
const AGENT = '192.0.2.1';
const MONITOR = '192.0.2.2';

export async function twoHosts(t: TestContext): Promise<Networks> {
  const holders = [AGENT, MONITOR].map(() => program(t, 'unshare', ['--net', 'sleep', 'infinity']));
  const [agent = 0, monitor = 0] = holders.map(({ pid }) => pid);
  const own = namespaceOf(process.pid);
  await until('the namespaces', () => [agent, monitor].every((pid) => namespaceOf(pid) !== own));
  const ip = (pid: number, args: string) => {
    const [command = '', ...rest] = [...enter(pid), 'ip', ...args.split(' ')];
    const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${args}: ${stderr}`);
  };
  ip(agent, `link add cable type veth peer name cable netns ${monitor}`);
  for (const [pid, address] of [
    [agent, AGENT],
    [monitor, MONITOR],
  ] as const) {
    ip(pid, `address add ${address}/24 dev cable`);
    ip(pid, 'link set lo up');
    ip(pid, 'link set cable up');
  }
  return {
    agent: { address: AGENT, run: enter(agent) },
    monitor: { address: MONITOR, run: enter(monitor) },
    blackHole: (on) => ip(monitor, `route ${on ? 'add' : 'del'} blackhole ${AGENT}/32`),
  };
}

const enter = (pid: number) => ['nsenter', '--target', `${pid}`, '--net'];

const namespaceOf = (pid: number) => readlinkSync(`/proc/${pid}/ns/net`);
