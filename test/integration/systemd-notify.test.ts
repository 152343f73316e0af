/** A service under the unit of denywatch, run by a real systemd. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { boot, CHECKOUT, install, NODE } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'systemd');

const SERVICE = `${NODE} ${CHECKOUT}/test/support/systemd-service.ts`;
const UNIT = 'denywatch.service';

void test(
  'systemd learns that the service is up, what it does, and that it reloads',
  NEEDS,
  async (t) => {
    const system = await boot(t);
    install(system, SERVICE);
    system.run('systemctl', 'start', UNIT);
    assert.equal(system.property(UNIT, 'ActiveState'), 'active');
    assert.equal(system.property(UNIT, 'StatusText'), '0 reloads');
    const pid = system.property(UNIT, 'MainPID');
    system.run('systemctl', 'reload', UNIT);
    await until('the reload', () => system.property(UNIT, 'StatusText') === '1 reloads');
    await until('the end of it', () => system.property(UNIT, 'ActiveState') === 'active');
    assert.equal(system.property(UNIT, 'MainPID'), pid);
    system.run('systemctl', 'stop', UNIT);
    assert.equal(system.property(UNIT, 'Result'), 'success');
    // The priority prefix was taken off and understood.
    system.run('journalctl', '--sync');
    assert.match(
      system.run('journalctl', '-o', 'cat', '-p', 'info..info', '-u', UNIT),
      /^stopping$/m,
    );
  },
);

void test('a service that hangs is restarted by the watchdog', NEEDS, async (t) => {
  const system = await boot(t);
  install(system, SERVICE, 'WatchdogSec=8s\nRestartSec=0\n');
  system.run('systemctl', 'start', UNIT);
  // systemd notes when the watchdog was fed last.
  const fed = () => system.property(UNIT, 'WatchdogTimestampMonotonic');
  const first = fed();
  await until('the watchdog to be fed', () => fed() !== first);
  const pid = system.property(UNIT, 'MainPID');
  system.run('kill', '-STOP', pid);
  await until('another process', () => !['0', pid].includes(system.property(UNIT, 'MainPID')));
  await until('it to be up', () => system.property(UNIT, 'ActiveState') === 'active');
});

void test(
  'a refused configuration leaves the unit failed, other failures do not',
  NEEDS,
  async (t) => {
    const system = await boot(t);
    // However often it is started again before the file is another.
    install(system, SERVICE, 'RestartSec=100ms\n[Unit]\nStartLimitIntervalSec=0\n');
    system.write('/var/lib/denywatch/status', '1');
    assert.notEqual(system.status('systemctl', 'start', UNIT), 0);
    await until('a restart', () => Number(system.property(UNIT, 'NRestarts')) > 0);
    system.write('/var/lib/denywatch/status', '78');
    await until('failure', () => system.property(UNIT, 'ActiveState') === 'failed');
    assert.equal(system.property(UNIT, 'ExecMainStatus'), '78');
    assert.equal(system.property(UNIT, 'SubState'), 'failed');
  },
);
