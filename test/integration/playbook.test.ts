/** Ansible's playbook of etc/ansible, on a machine with a systemd of its own. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { nscaInside, type NscaInside } from '../support/nsca-inside.ts';
import { buildPackage, seen } from '../support/package.ts';
import { needs } from '../support/packages.ts';
import { boot, CHECKOUT, type System } from '../support/systemd.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'systemd', 'nsca', 'binutils', 'ansible-core', 'python3-apt');
const UNIT = 'denywatch.service';
const CONFIG = '/etc/denywatch/denywatch.yaml';
const INVENTORY = '/run/site/inventory';
/** A module of Ansible takes a second, and several on a busy machine. */
const PATIENCE = 240_000;

interface Played {
  readonly status: number | string;
  readonly text: string;
  /** The recap's count of tasks that changed something. */
  readonly changed: number;
}

/** Runs the playbook in the machine. Nothing of it is left there but what it installs. */
async function play(system: System, vars: object, ...options: string[]): Promise<Played> {
  const run = system.program(
    'env',
    'HOME=/run/site',
    'ANSIBLE_NOCOLOR=1',
    'ansible-playbook',
    `--inventory=${INVENTORY}`,
    `--extra-vars=${JSON.stringify(vars)}`,
    ...options,
    `${CHECKOUT}/etc/ansible/denywatch.yml`,
  );
  const status = await run.end(PATIENCE);
  const text = run.stdout() + run.stderr();
  return { status, text, changed: Number(/ changed=(\d+) /.exec(text)?.[1]) };
}

/** What the NSCA daemon handed on: host and output of each alert. */
function received(nsca: NscaInside): string[] {
  return nsca.commands().flatMap((command) => {
    const found = /;(\w+);TCP Wrappers;2;(\S+ \S+)/.exec(command);
    return found === null ? [] : `${found[1]}: ${found[2]}`;
  });
}

const refuse = (system: System, n: number) =>
  system.run(
    'logger',
    '-t',
    'sshd',
    '-p',
    'auth.info',
    `refused connect from 192.0.2.${n} (192.0.2.${n})`,
  );

test('the playbook installs, configures, upgrades and checks a host', NEEDS, async (t) => {
  const { deb, newer } = await buildPackage(t, { options: ['-Znone'] });
  const system = await boot(t);
  system.run('rm', '-f', '/usr/sbin/policy-rc.d');
  const host = 'web1.example.org ansible_connection=local ansible_become=false';
  const python = 'ansible_python_interpreter=/usr/bin/python3';
  system.write(INVENTORY, `[denywatch]\n${host} ${python}\n`);
  const nsca = nscaInside(system);
  await nsca.start();
  const config = {
    host: '{{ denywatch_host }}',
    sources: [{ journal: {} }],
    monitors: [
      { nsca: '127.0.0.1', encryption: 'xor', passwordFile: '/etc/denywatch/monitor.password' },
    ],
  };
  const vars = {
    denywatch_package: seen(deb),
    denywatch_password: 'secret',
    denywatch_config: config,
  };

  await t.test('the first run ends with an agent that reports under the short name', async () => {
    const { status, text, changed } = await play(system, vars);
    assert.equal(status, 0, text);
    assert.ok(changed > 0, text);
    assert.ok(!text.includes('secret'), text);
    assert.equal(system.run('stat', '-c', '%a %U %G', CONFIG), '640 root denywatch\n');
    assert.equal(system.property(UNIT, 'UnitFileState'), 'enabled');
    refuse(system, 1);
    await until('the alert', () => received(nsca).length === 1, PATIENCE);
  });

  await t.test('the second run changes nothing', async () => {
    const { status, text, changed } = await play(system, vars);
    assert.equal(status, 0, text);
    assert.equal(changed, 0, text);
  });

  await t.test('a configuration with a mistake does not replace the good one', async () => {
    const before = system.run('cat', CONFIG);
    const bad = { ...vars, denywatch_config: { ...config, sorces: [] } };
    const { status, text } = await play(system, bad);
    assert.equal(status, 2, text);
    assert.match(text, /sorces/);
    assert.equal(system.run('cat', CONFIG), before);
    assert.equal(system.property(UNIT, 'ActiveState'), 'active');
  });

  await t.test('an upgrade while the monitor is down loses nothing', async () => {
    nsca.stop();
    refuse(system, 2);
    const status = () => system.run('sh', '-c', 'denywatch status --json || true');
    await until('an alert that waits', () => status().includes('"waiting":1'), PATIENCE);
    const upgrade = { ...vars, denywatch_package: seen(newer()) };
    // Without its last step, which would find that the monitor is down.
    const played = await play(system, upgrade, '--skip-tags=check');
    assert.equal(played.status, 0, played.text);
    assert.match(system.run('dpkg-query', '-W', 'denywatch'), /next1/);
    await nsca.start();
    system.run('systemctl', 'reload', UNIT);
    await until('both alerts', () => received(nsca).length === 2, PATIENCE);
    assert.deepEqual(
      received(nsca),
      [1, 2].map((n) => `web1: Denied sshd-192.0.2.${n}`),
    );
  });
});
