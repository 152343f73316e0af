import assert from 'node:assert/strict';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { machine } from '../support/machine.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const PACKAGES = [
  'root',
  'nsca',
  'nagios4-core',
  'tcpd',
  'openssh-server',
  'rsyslog',
  'openbsd-inetd',
] as const;

test(
  'a refused connection becomes an alert and a notification in Nagios',
  needs(...PACKAGES),
  async (t) => {
    const dir = tempDir(t);
    const nagios = await startNagios(t);
    const nsca = await startNsca(t, {
      method: 3,
      password: 'secret',
      commandFile: nagios.commandFile,
    });
    const firestorm = await machine(t, dir, 'ALL: ALL\n');
    const config = writeConfig(dir, {
      sources: [{ file: firestorm.log }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: '3des', password: 'secret' }],
    });
    const agent = denywatch(t, 'run', '--config', config);
    await until(
      'the log to be open',
      async () => (await status(t, config))?.agent?.streams.length === 1,
    );

    await firestorm.connect(firestorm.sshd, '127.0.0.5');
    await firestorm.connect(firestorm.guarded.get('in.telnetd')!, '127.0.0.5');

    for (const daemon of ['sshd', 'in.telnetd']) {
      const output = `Denied ${daemon}-127.0.0.5`;
      const alert = `SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;${output}`;
      await until(output, () => nagios.log().includes(alert));
      const notification = `PROBLEM firestorm, TCP Wrappers, CRITICAL, ${output}`;
      await until(`the notification of ${output}`, () =>
        nagios.notifications().includes(notification),
      );
    }
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.equal(nagios.log().filter((line) => line.startsWith('SERVICE ALERT')).length, 2);
    assert.equal(nagios.notifications().length, 2);
  },
);
