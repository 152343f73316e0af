import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const lineOf = (client: string, pid: number) =>
  `${new Date().toISOString()} gw sshd[${pid}]: refused connect from ${client} (${client})\n`;
const LINES = ['192.0.2.1', '192.0.2.2', '192.0.2.1'].map(lineOf);
const CONFIG = {
  monitors: [{ nsca: '127.0.0.1:1', encryption: 'aes', password: 'x' }],
  fold: { window: '1s' },
};

/** System calls that change a file system. */
const CHANGES =
  'mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,truncate,ftruncate,chmod,fchmod,utimensat';

test(
  'a dry run shows the results, opens no socket and writes no file',
  needs('strace'),
  async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), LINES.join(''));
    const config = writeConfig(dir, { ...CONFIG, sources: [{ file: 'auth.log', from: 'start' }] });
    const before = readdirSync(dir);
    const trace = join(dir, '..', `${dir.split('/').at(-1)}.strace`);
    const strace = `-f -qq -e trace=network,open,openat,creat,${CHANGES} -o ${trace}`.split(' ');
    const command = [process.execPath, CLI, 'run', '--dry-run', '--config', config];
    const run = program(t, 'strace', strace.concat(command));
    await until('the count of the window', () => run.stdout().includes('more in 1s'));
    writeFileSync(join(dir, 'auth.log'), lineOf('192.0.2.3', 3), { flag: 'a' });
    await until('the next result', () => run.stdout().split('\n').length > 4);
    process.kill(-run.pid, 'SIGINT');
    assert.equal(await run.end(), 0, run.stderr());
    assert.deepEqual(run.stdout().trim().split('\n'), [
      'firestorm\tTCP Wrappers\t2\tDenied sshd-192.0.2.1',
      'firestorm\tTCP Wrappers\t2\tDenied sshd-192.0.2.2',
      'firestorm\tTCP Wrappers\t2\tDenied sshd-192.0.2.1 (1 more in 1s)',
      'firestorm\tTCP Wrappers\t2\tDenied sshd-192.0.2.3',
    ]);
    const calls = readFileSync(trace, 'utf8').split('\n');
    t.after(() => program(t, 'rm', ['-f', trace]).end());
    assert.ok(
      calls.some((call) => call.includes('auth.log')),
      'strace saw the log being opened',
    );
    // Node itself opens /dev/null for reading and writing where one of its streams is closed; and a
    // process writes its own name.
    const harmful = calls.filter(
      (call) =>
        / (socket|connect|bind|sendto)\(/.test(call) ||
        (/O_WRONLY|O_RDWR|O_CREAT/.test(call) &&
          !/"\/dev\/null"|"\/proc\/self\/comm"/.test(call)) ||
        new RegExp(` (${CHANGES.replaceAll(',', '|')})\\(`).test(call),
    );
    assert.deepEqual(harmful, []);
    assert.deepEqual(readdirSync(dir), before);
  },
);

test('a dry run with --once reads the whole log, shows what it would send, and ends', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), LINES.join(''));
  const config = writeConfig(dir, { ...CONFIG, sources: [{ file: 'auth.log' }] });
  const run = program(t, process.execPath, [
    CLI,
    'run',
    '--dry-run',
    '--once',
    '--json',
    '--config',
    config,
  ]);
  assert.equal(await run.end(), 0, run.stderr());
  const results = run
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { output: string });
  assert.deepEqual(
    results.map(({ output }) => output),
    ['Denied sshd-192.0.2.1', 'Denied sshd-192.0.2.2', 'Denied sshd-192.0.2.1 (1 more in 1s)'],
  );
  assert.doesNotMatch(run.stderr(), /nothing/);
});

test('a dry run does not depend on the directory that it is run in', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), LINES.join(''));
  const config = writeConfig(dir, { ...CONFIG, sources: [{ file: 'auth.log' }] });
  // SQLite's name for a queue in memory is not that of a file, nor the beginning of one.
  const queue = join(dir, ':memory:');
  for (const file of [queue, `${queue}-wal`]) {
    writeFileSync(file, '');
    truncateSync(file, 2 ** 31);
  }
  mkdirSync(`${queue}.spool`);
  const args = [CLI, 'run', '--dry-run', '--once', '--config', config];
  const run = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8', timeout: 60_000 });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^firestorm\tTCP Wrappers\t2\tDenied sshd-192\.0\.2\.1$/m);
});

test('a dry run says so if nothing would be sent', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'auth.log'), 'Nov 22 21:15:00 gw sshd[1]: Accepted publickey for root\n');
  const config = writeConfig(dir, { ...CONFIG, sources: [{ file: 'auth.log' }] });
  const args = [CLI, 'run', '--dry-run', '--once', '--config', config];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(run.stdout, '');
  assert.match(run.stderr, /\nnothing would be sent\n$/);
});
