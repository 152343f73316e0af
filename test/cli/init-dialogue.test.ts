/** `denywatch init` as a person uses it: on a terminal. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/agent/config.ts';
import { readClient } from '../../src/monitor/send-nsca.ts';
import { CLI } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { onTerminal } from '../support/terminal.ts';
import { tempDir } from '../support/temp.ts';

/** A machine that has one is asked whether its password is to be used. */
const CLIENT = ['/etc/send_nsca.cfg', '/etc/nagios/send_nsca.cfg'].find(
  (path) => existsSync(path) && readClient(path).hasPassword,
);
const TAKE = 'Take the password';

function init(t: TestContext, ...args: string[]) {
  const dir = tempDir(t);
  const path = join(dir, 'new', 'denywatch.yaml');
  return {
    dir,
    path,
    run: onTerminal(t, process.execPath, CLI, 'init', '--config', path, ...args),
  };
}

void test('init asks, writes the secret, checks, and shows a dry run', needs('nsca'), async (t) => {
  const nsca = await startNsca(t, { password: 'a pässword' });
  const { path, run } = init(t);
  await run.answer('Kind of monitor', 'nsac\r');
  await run.answer("did you mean 'nsca'?", 'nsca\r');
  await run.answer('Its address, HOST or HOST:PORT [monitor]', 'ftp://x\r');
  await run.answer("'ftp://x' is not such an address: use HOST or HOST:PORT", 'mon itor\r');
  await run.answer('must be HOST or HOST:PORT', `127.0.0.1:${nsca.port}\r`);
  if (CLIENT !== undefined) await run.answer(TAKE, 'n\r');
  await run.answer('decryption_method', 'rot13\r');
  await run.answer('no encryption method rot13', 'xor\r');
  await run.answer("The daemon's password (not shown", 'a pässword\r');
  await run.answer('The name of this host in the monitor', 'fire;storm\r');
  await run.answer('semicolon', 'firestorm\r');
  await run.answer('Show what would be sent', '\r');
  assert.equal(await run.end(), 0, run.screen());
  assert.match(run.screen(), /takes our packets|takes results|ok +monitors\.0/);
  assert.match(run.screen(), /systemctl enable --now denywatch/);
  assert.doesNotMatch(run.screen(), /pässword/, 'it is not echoed');
  const { config, warnings } = loadConfig(path, {});
  const [monitor] = config.monitors;
  assert.ok(monitor?.kind === 'nsca');
  assert.equal(config.host, 'firestorm');
  assert.equal(monitor.password.toString(), 'a pässword');
  assert.equal(monitor.method, 1);
  assert.deepEqual(warnings, []);
  assert.ok(!readFileSync(path, 'utf8').includes('pässword'));
  assert.equal(statSync(join(path, '../nsca.password')).mode & 0o777, 0o640);
});

test('Ctrl-C at any question leaves nothing', async (t) => {
  for (const [questions, last] of [
    [[], 'Kind of monitor'],
    [['Kind of monitor', 'Its address', 'decryption_method'], "The daemon's password"],
    [['Kind of monitor', 'Its address', 'decryption_method', 'password'], 'The name of this host'],
  ] as const) {
    const { dir, run } = init(t);
    for (const question of questions) {
      if (question === 'decryption_method' && CLIENT !== undefined) await run.answer(TAKE, 'n\r');
      await run.answer(question, question === 'Kind of monitor' ? 'nsca\r' : '\r');
    }
    await run.answer(last, '\x03');
    assert.equal(await run.end(), 1);
    assert.match(run.screen(), /interrupted: nothing was written/);
    assert.deepEqual(readdirSync(dir), []);
  }
});

test('what an option says is not asked, and a password may come later', async (t) => {
  const { path, run } = init(t, '--monitor', 'nsca-ng://127.0.0.1:9');
  await run.answer('identity (an authorize section', 'gw1\r');
  await run.answer('The password of that identity', '\r');
  await run.answer('The name of this host', '\r');
  assert.equal(await run.end(), 0);
  assert.match(run.screen(), /there is no file .*nsca-ng\.password/, 'what check says');
  assert.match(
    readFileSync(path, 'utf8'),
    /identity: gw1\n {4}passwordFile: nsca-ng\.password {3}#/,
  );
  assert.ok(!existsSync(join(path, '../nsca-ng.password')));
});

test('on a narrow terminal questions are wrapped, and an answer goes on in the next line', async (t) => {
  const path = join(tempDir(t), 'denywatch.yaml');
  const narrow = 'stty cols 40; exec "$0" "$1" init --config "$2"';
  const run = onTerminal(t, 'sh', '-c', narrow, process.execPath, CLI, path);
  await run.answer('Kind of monitor (nsca,\r\nnsca-ng, icinga2, nrdp,\r\n', 'x'.repeat(60) + '\r');
  await run.answer("there is no kind\r\n'xxx", '\u0003');
  assert.equal(await run.end(), 1);
  const moves = run.written().split('\u001B[');
  const columns = moves.flatMap((move) => /^(\d+)G/.exec(move)?.[1] ?? []).map(Number);
  assert.ok(columns.length > 0);
  assert.ok(Math.max(...columns) <= 41, `the cursor is put at column ${Math.max(...columns)}`);
});

test('--yes asks nothing', async (t) => {
  const { path, run } = init(t, '--yes', '--monitor', '127.0.0.1');
  assert.equal(await run.end(), 0);
  assert.ok(existsSync(path));
});
