import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadConfig } from '../../src/agent/config.ts';
import { CLI } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

function init(...args: string[]) {
  return spawnSync(process.execPath, [CLI, 'init', ...args], { encoding: 'utf8' });
}

test('init writes a configuration that is right and readable by the agent, once', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'new', 'denywatch.yaml');
  const nsca = join(dir, 'send_nsca.cfg');
  writeFileSync(nsca, 'password=secret\nencryption_method=14\n');
  const args = ['--config', path, '--monitor', 'mon:5666', '--send-nsca', nsca];
  const first = init(...args);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /is written: denywatch check finds what is still missing\n/);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.equal(statSync(join(dir, 'new')).mode & 0o777, 0o755);
  const [monitor] = loadConfig(path, {}).config.monitors;
  assert.ok(monitor?.kind === 'nsca' && monitor.method === 14);
  assert.ok(!readFileSync(path, 'utf8').includes('secret'));

  writeFileSync(path, '# mine\n');
  const again = init(...args);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /exists already, and is left unchanged: .*--stdout/);
  assert.equal(readFileSync(path, 'utf8'), '# mine\n');
});

test('--stdout shows it, also where there is one, and writes nothing', (t) => {
  const path = join(tempDir(t), 'denywatch.yaml');
  const { status, stdout } = init('--stdout', '--config', path, '--host', 'gw');
  assert.equal(status, 0);
  assert.match(stdout, /^host: gw$/m);
  assert.match(stdout, /^sources:$/m);
  assert.ok(!existsSync(path));
});

test('what cannot be used is reported before anything is written', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'denywatch.yaml');
  const nsca = join(dir, 'send_nsca.cfg');
  writeFileSync(nsca, 'passwort=x\n');
  const broken = init('--config', path, '--send-nsca', nsca);
  assert.equal(broken.status, 1);
  assert.match(broken.stderr, /send_nsca\.cfg, line 1: send_nsca has no setting "passwort"/);
  assert.ok(!existsSync(path));
  const nowhere = init('--config', '/proc/denywatch.yaml');
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.stderr, /cannot write .*run it as root, or name another path/);
});

test("the configuration of NSCA-ng's client makes a monitor of NSCA-ng", (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'denywatch.yaml');
  const client = join(dir, 'send_nsca.cfg');
  writeFileSync(client, 'identity = "gw1"\npassword = "secret"\nserver = mon\nport = 5669\n');
  const run = init('--config', path, '--send-nsca', client);
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /is written: denywatch check finds what is still missing\n/);
  const [monitor] = loadConfig(path, {}).config.monitors;
  assert.ok(monitor?.kind === 'nsca-ng');
  assert.deepEqual(
    [monitor.host, monitor.port, monitor.identity, monitor.password.toString()],
    ['mon', 5669, 'gw1', 'secret'],
  );
  assert.ok(!readFileSync(path, 'utf8').includes('secret'));
});

test("the monitor's password is in a file that init names, whether it is there or not", (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'denywatch.yaml');
  const args = ['--yes', '--config', path, '--monitor', 'nsca://mon'];
  const first = init(...args);
  assert.equal(first.status, 0, first.stderr);
  const secret = join(dir, 'nsca.password');
  const [, command = ''] = /; to write it: (install .*)\n/.exec(first.stdout) ?? [];
  assert.ok(command.endsWith(secret), first.stdout);
  const write = (text: string) =>
    spawnSync('sh', ['-c', `printf "$0" | ${command.replace(/ -g \S+/, '')}`, text]);
  assert.throws(() => loadConfig(path, {}), /there is no file .*nsca\.password/);
  write('');
  assert.throws(() => loadConfig(path, {}), /nsca\.password is empty: put the secret in it/);
  write('secret\n');
  const [monitor] = loadConfig(path, {}).config.monitors;
  assert.ok(monitor?.kind === 'nsca' && monitor.password.toString() === 'secret');

  rmSync(path);
  const again = init(...args);
  assert.doesNotMatch(again.stdout, /passwordFile/, 'it is there');
  assert.match(readFileSync(path, 'utf8'), /^ {4}passwordFile: nsca\.password$/m);
});

test('a directory that cannot be created is an error at once', () => {
  const run = init('--yes', '--config', '/proc/denywatch/denywatch.yaml', '--monitor', 'mon');
  assert.equal(run.status, 1);
  assert.match(run.stderr, /cannot write \/proc\/denywatch/);
});

test('the address decides on the kind of monitor, and what it needs is asked for by name', (t) => {
  const path = join(tempDir(t), 'denywatch.yaml');
  const run = init('--config', path, '--monitor', 'nsca-ng://mon');
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /\n {2}identity: an authorize section .*\n {2}passwordFile: a file/);
  assert.match(readFileSync(path, 'utf8'), /^ {2}- nsca-ng: mon$/m);

  const spool = init('--stdout', '--monitor', '/var/lib/nagios4/spool/checkresults');
  assert.match(spool.stdout, /^ {2}- nagios: \/var\/lib\/nagios4\/spool\/checkresults$/m);

  const unknown = init('--stdout', '--monitor', 'ftp://mon/');
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /'ftp:\/\/mon\/' is not the address of a monitor/);
});
