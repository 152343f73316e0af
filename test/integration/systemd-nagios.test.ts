/** The agent as a unit of a real systemd, which protects the file system, beside a real Nagios. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { stringify } from 'yaml';
import { NAGIOS_FOLDERS, nagiosConfig } from '../support/nagios.ts';
import { needs } from '../support/packages.ts';
import { boot, CHECKOUT, install, NODE } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';
/** Where the unit sees the file system read-only, as it does not see /run. */
const NAGIOS = '/var/lib/nagios-of-the-test';
const SPOOL = `${NAGIOS}/checkresults`;
const PIPE = `${NAGIOS}/rw/nagios.cmd`;
const CLI = `${CHECKOUT}/src/cli.ts`;
const DROP_IN = new URL('../../etc/systemd/nagios.conf', import.meta.url).pathname;
const DROP_IN_PLACE = '/etc/systemd/system/denywatch.service.d/nagios.conf';

void test(
  'the hardened unit reaches the spool with what check and the drop-in say, and the pipe without',
  needs('root', 'systemd', 'nagios4-core', 'acl'),
  async (t) => {
    const system = await boot(t);
    const objects = `${CHECKOUT}/etc/nagios/tcp-wrappers.cfg`;
    for (const [name, text] of Object.entries(nagiosConfig(NAGIOS, objects))) {
      system.write(`${NAGIOS}/${name}`, text);
    }
    system.run('mkdir', ...NAGIOS_FOLDERS.map((name) => `${NAGIOS}/${name}`));
    system.run('chown', '-R', 'nagios:nagios', NAGIOS);
    system.program('nagios4', `${NAGIOS}/nagios.cfg`);
    await until('Nagios', () => system.status('test', '-p', PIPE) === 0);
    system.run('chmod', '750', NAGIOS, SPOOL, `${NAGIOS}/rw`);
    // The machine has the files of this one.
    system.run('rm', '-rf', '/var/lib/denywatch');
    install(system, `${NODE} ${CLI} run`);
    const configure = (path: string) => {
      const monitor = { nagios: path, nagiosConfig: `${NAGIOS}/nagios.cfg`, timeout: '1m' };
      const config = { host: 'firestorm', sources: [{ journal: {} }], monitors: [monitor] };
      system.write(CONFIG, stringify(config));
      system.run('systemctl', 'daemon-reload');
      system.run('systemctl', 'restart', UNIT);
    };
    const log = () => system.run('journalctl', '-o', 'cat', '-u', UNIT);
    const arrives = async (text: string) => {
      system.run(NODE, CLI, 'send', '--config', CONFIG, 'firestorm', 'TCP Wrappers', '2', text);
      const seen = () => system.run('cat', `${NAGIOS}/nagios.log`).includes(`;1;${text}\n`);
      await until(text, seen);
    };
    /** Runs the commands that check shows to the agent's user. */
    const grant = () => {
      const check = `runuser -u denywatch -- ${NODE} ${CLI} check --config ${CONFIG} || true`;
      const shown = system.run('sh', '-c', check);
      const [, commands] = /denywatch may not write \S+; as root: (.*)$/m.exec(shown) ?? [];
      assert.ok(commands, shown);
      system.run('sh', '-ec', commands);
    };

    configure(SPOOL);
    grant();
    system.run(NODE, CLI, 'send', '--config', CONFIG, 'firestorm', 'TCP Wrappers', '2', 'first');
    await until('the reason', () => log().includes('is read-only for this service'));
    const dropIn = readFileSync(DROP_IN, 'utf8');
    assert.match(dropIn, /^ReadWritePaths=\/var\/lib\/nagios4\/spool\/checkresults$/m);
    system.write(DROP_IN_PLACE, dropIn.replace(/^ReadWritePaths=.*$/m, `ReadWritePaths=${SPOOL}`));
    configure(SPOOL);
    await arrives('by the spool');

    system.run('rm', DROP_IN_PLACE);
    configure(PIPE);
    grant();
    await arrives('by the pipe');
  },
);
