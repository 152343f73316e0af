import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const DENIALS = 5000;

test(
  'what is refused while the monitor is down arrives in Nagios, in order',
  needs('root', 'nsca', 'nagios4-core'),
  async (t) => {
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    // Without notifications: it forks for each, and nsca drops what it does not read in time.
    const nagios = await startNagios(t, { settings: ['enable_notifications=0'] });
    const nsca = await startNsca(t, { method: 14, commandFile: nagios.commandFile });
    await nsca.stop();
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret' }],
      fold: { scan: false, storm: false },
    });

    const first = denywatch(t, 'run', '--config', config);
    const clients = Array.from({ length: DENIALS }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    appendFileSync(log, clients.map((client, n) => `${refusal(client, n)}\n`).join(''));
    await until(
      'all to be queued',
      async () => (await status(t, config))?.monitors[0]?.waiting === DENIALS,
    );
    first.kill();
    assert.equal(await first.end(), 0);

    const second = denywatch(t, 'run', '--config', config);
    await nsca.start();
    const alert = 'SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;Denied sshd-';
    const arrived = () =>
      nagios
        .log()
        .flatMap((line) => (line.startsWith(alert) ? line.slice(alert.length).split(' ', 1) : []));
    await until('all to arrive', () => arrived().length >= DENIALS);
    assert.deepEqual(arrived(), clients);

    // Nagios is still there.
    const probe = denywatch(
      t,
      'send',
      '--now',
      '--config',
      config,
      'firestorm',
      'TCP Wrappers',
      'warning',
      'probe',
    );
    assert.equal(await probe.end(), 0, probe.stderr());
    await until('the probe', () =>
      nagios.log().includes('SERVICE ALERT: firestorm;TCP Wrappers;WARNING;HARD;1;probe'),
    );
    second.kill();
    assert.equal(await second.end(), 0);
  },
);
