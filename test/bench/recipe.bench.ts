/** The agent against the recipe's scripts, which start a tree of processes for each denial. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { compare, timed } from './measure.ts';

/** Denials of a round: the scripts take a second for each. */
const OURS = 3_000;
const THEIRS = 30;
/** Clock ticks a second in /proc, as Linux has them on every architecture. */
const TICKS = 100;

/** CPU seconds that a process has used. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

test('denials by the agent and by the scripts', needs('nsca', 'nsca-client'), async (t) => {
  const dir = tempDir(t);
  const nsca = await startNsca(t, { method: 1, mode: '--daemon' });
  const arrived = async (count: number) =>
    until('all to arrive', () => nsca.commands().length >= count, 60_000);

  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from: 'start' }],
    monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'xor', password: 'secret' }],
    fold: { window: 0, scan: false, storm: false },
  });
  const agent = denywatch(t, 'run', '--config', config);
  await until('the agent', () => agent.stderr().includes('reporting to'));
  let pid = 1;
  const ours = async () => {
    const lines = Array.from(
      { length: OURS },
      (_, n) => `${refusal(`10.1.${n >> 8}.${n & 255}`, pid++)}\n`,
    );
    const before = nsca.commands().length;
    const [began, cpu] = [performance.now(), cpuOf(agent.pid)];
    appendFileSync(log, lines.join(''));
    await arrived(before + OURS);
    return [(performance.now() - began) / OURS, ((cpuOf(agent.pid) - cpu) * 1000) / OURS];
  };

  const sendNsca = join(dir, 'send_nsca.cfg');
  writeFileSync(sendNsca, 'password=secret\nencryption_method=1\n');
  const submit = join(dir, 'submit_check_result');
  writeFileSync(
    submit,
    `#!/bin/sh\n/usr/bin/printf "%s\\t%s\\t%s\\t%s\\n" "$1" "$2" "$3" "$4" | /usr/sbin/send_nsca 127.0.0.1 -p ${nsca.port} -c ${sendNsca}\n`,
    { mode: 0o755 },
  );
  const handle = join(dir, 'handle_tcp_wrapper');
  writeFileSync(
    handle,
    `#!/bin/sh\n${submit} firestorm "TCP Wrappers" 2 "Denied $2-$1" > /dev/null 2>&1\n`,
    { mode: 0o755 },
  );
  const theirs = async () => {
    const before = nsca.commands().length;
    const loop = `for n in $(seq ${THEIRS}); do ${handle} 10.2.0.$n sshd; done`;
    const { wall, cpu } = await timed('sh', ['-c', loop]);
    await arrived(before + THEIRS);
    return [(wall * 1000) / THEIRS, (cpu * 1000) / THEIRS];
  };

  const peer = "the recipe's scripts";
  await compare(
    t,
    [
      { what: 'time for a denial, nsca --daemon', unit: 'ms', better: 'less', peer, wanted: 200 },
      { what: 'CPU time for a denial', unit: 'ms', better: 'less', peer, wanted: 20 },
    ],
    ours,
    theirs,
  );
});
