import assert from 'node:assert/strict';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { machine } from '../support/machine.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const DAEMONS = ['in.telnetd', 'in.ftpd', 'in.fingerd', 'in.rshd', 'in.talkd'];
const ALERT = 'SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;';
const CLIENT = '127.0.0.1';

test(
  "nmap's scan of guarded services is one alert in Nagios, with daemons and counts",
  needs('nsca', 'nagios4-core', 'tcpd', 'openssh-server', 'rsyslog', 'openbsd-inetd', 'nmap'),
  async (t) => {
    const dir = tempDir(t);
    const nagios = await startNagios(t);
    const nsca = await startNsca(t, { method: 14, commandFile: nagios.commandFile });
    const firestorm = await machine(t, dir, 'ALL: ALL\n', DAEMONS);
    const config = writeConfig(dir, {
      sources: [{ file: firestorm.log }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret' }],
      fold: { scan: { daemons: 3, window: '20s' } },
    });
    const agent = denywatch(t, 'run', '--config', config);
    await until(
      'the log to be open',
      async () => (await status(t, config))?.agent?.streams.length === 1,
    );

    const ports = [firestorm.sshd, ...firestorm.guarded.values()];
    const scan = ['-sV', '--version-intensity', '0', '--host-timeout', '300s', '-Pn', '-n'];
    const nmap = program(t, 'nmap', [...scan, '-p', ports.join(','), CLIENT]);
    assert.equal(await nmap.end(), 0, nmap.stderr());
    assert.equal(nmap.stdout().match(/open +tcpwrapped/g)?.length, ports.length, nmap.stdout());

    const refused = async () => (await status(t, config))?.totals['denials'];
    await until('all refusals', async () => ((await refused()) ?? 0) >= ports.length);
    const alerts = () =>
      nagios.log().flatMap((line) => (line.startsWith(ALERT) ? line.slice(ALERT.length) : []));
    const reported = () => alerts().reduce((sum, output) => sum + countIn(output), 0);
    // nmap may connect once more where it is held up.
    await until('all to be reported', async () => reported() === (await refused()));

    const scans = alerts().filter((output) => !output.startsWith('Denied '));
    const [first = '', ...more] = scans;
    assert.match(first, /^Port scan from 127\.0\.0\.1: refused by \S+, \S+, \S+ in \d+s$/);
    for (const output of more) assert.match(output, /^Port scan from 127\.0\.0\.1: \d+ more, /);
    const named = new Set(scans.flatMap(daemonsIn));
    assert.deepEqual([...named].toSorted(), [...DAEMONS, 'sshd'].toSorted());
    agent.kill();
    assert.equal(await agent.end(), 0);
  },
);

/** How many refusals an alert counts: the third one makes a scan. */
function countIn(output: string): number {
  return Number(/(\d+) more/.exec(output)?.[1] ?? 1);
}

function daemonsIn(output: string): string[] {
  return /refused by (.*) in \d+s/.exec(output)?.[1]?.split(', ') ?? [];
}
