import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

test(
  "the heartbeat tells Nagios of a log that can't be read, and when it can",
  needs('root', 'nsca', 'nagios4-core'),
  async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), '');
    const nagios = await startNagios(t);
    const nsca = await startNsca(t, { method: 14, commandFile: nagios.commandFile });
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log' }, { file: 'missing/syslog' }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret' }],
      heartbeat: { every: '1s' },
    });
    const agent = denywatch(t, 'run', '--config', config);
    const alert = (state: string) =>
      nagios
        .log()
        .find((line) => line.startsWith(`SERVICE ALERT: firestorm;denywatch;${state};HARD;1;`));
    const critical = await until('a critical heartbeat', () => alert('CRITICAL'));
    assert.match(
      critical,
      /denywatch CRITICAL: .*missing\/syslog cannot be read, 0 denials, 0 alerts, \d+ waiting$/,
    );
    mkdirSync(join(dir, 'missing'));
    writeFileSync(join(dir, 'missing', 'syslog'), '');
    const ok = await until('a good heartbeat', () => alert('OK'));
    assert.match(ok, /denywatch OK: 0 denials, 0 alerts, \d+ waiting$/);
    agent.kill();
    assert.equal(await agent.end(), 0);
  },
);
