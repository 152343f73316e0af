import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { tempDir } from '../../support/temp.ts';

const root = join(import.meta.dirname, '../../..');
const RUN = `import { main } from './src/cli/explain/explain.ts';
process.exitCode = await main(process.argv.slice(1));`;

function explain(args: string[], input: string | Buffer = '') {
  const command = ['--input-type=module', '-e', RUN, '--', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    input,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

const other = '2026-11-22T21:56:42Z gw sshd[17]: Server listening on :: port 22.\n';
const refusal =
  '2026-11-22T21:56:43Z gw sshd[7]: refused connect from a|b@host.example (192.0.2.9)\n';
const undated = 'sshd[8]: refused connect from 192.0.2.9 (192.0.2.9)\n';

void test('an argument with blanks that names no file is a line', (t) => {
  const { status, stdout } = explain([refusal.trim(), other.trim()]);
  assert.equal(status, 0);
  assert.match(stdout, /^line 1: .*\n {2}format tcpd/);
  assert.match(stdout, /1 refusal in 2 lines/);
  const file = join(tempDir(t), 'auth log');
  writeFileSync(file, other);
  assert.match(explain([file]).stdout, /No refusal in 1 line/);
  assert.equal(explain([join(tempDir(t), 'missing')]).status, 1);
});

void test('--json gives one object for each refused line, numbered over all input', (t) => {
  const file = join(tempDir(t), 'auth.log');
  writeFileSync(file, other + refusal);
  const { status, stdout, stderr } = explain(['--json', file, '-'], other + undated);
  const objects = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const both = { format: 'tcpd', daemon: 'sshd', address: '192.0.2.9', program: 'sshd' };
  assert.deepEqual(objects, [
    {
      ...both,
      line: 2,
      at: '2026-11-22T21:56:43.000Z',
      host: 'gw',
      client: 'host.example',
      user: 'a|b',
      pid: 7,
      output: 'Denied sshd-host.example',
    },
    {
      ...both,
      line: 4,
      at: null,
      host: null,
      client: '192.0.2.9',
      user: null,
      pid: 8,
      output: 'Denied sshd-192.0.2.9',
    },
  ]);
  assert.equal(stderr, 'lines: 4, refusals: 2 (tcpd 2)\n');
  assert.equal(status, 0);
});

void test('a gzipped log, also from standard input, and a last line without newline are read', () => {
  const packed = Buffer.concat([gzipSync(other), gzipSync(refusal.trimEnd())]);
  const { stdout, stderr } = explain(['--json'], packed);
  assert.equal((JSON.parse(stdout) as { line: number }).line, 2);
  assert.equal(stderr, 'lines: 2, refusals: 1 (tcpd 1)\n');
});

void test('the text shows line, format, reading and output, and nothing a terminal would act on', () => {
  const hostile =
    '2026-11-22T21:56:43Z gw sshd[7]: refused connect from \u001b[2J\u009b@h.example (192.0.2.9)\n';
  const { stdout } = explain([], other + hostile);
  assert.equal(
    stdout,
    `line 2: 2026-11-22T21:56:43Z gw sshd[7]: refused connect from ?[2J?@h.example (192.0.2.9)
  format tcpd
  at=2026-11-22T21:56:43.000Z host=gw daemon=sshd client=h.example address=192.0.2.9 user=?[2J? pid=7 program=sshd
  output Denied sshd-h.example
1 refusal in 2 lines, by format:
  tcpd         1 ####################
`,
  );
  assert.doesNotMatch(explain(['--json'], hostile).stdout, /[^\n -~]/);
});

void test('a line that looks forged is shown as such and not counted', () => {
  const record = {
    MESSAGE: 'refused connect from 192.0.2.9 (192.0.2.9)',
    SYSLOG_IDENTIFIER: 'sshd',
  };
  const input = `${JSON.stringify({ ...record, _UID: '1000', _COMM: 'logger' })}\n`;
  const { stdout, stderr } = explain([], input);
  assert.match(stdout, /FORGED: sent by logger of user 1000/);
  assert.equal(stderr, 'lines: 1, refusals: 0, forged and not counted: 1\n');
});

void test('a line that reports what is in no log is shown with what it counts', () => {
  const { stdout, stderr } = explain(
    [],
    refusal +
      log('sshd[98]: exited MaxStartups throttling after 00:00:31, 17 connections dropped') +
      log('systemd-journald[312]: Suppressed 1 messages from ssh.service'),
  );
  const lines = stdout.split('\n');
  assert.match(lines[4] ?? '', /^line 2: .* exited MaxStartups throttling after/);
  assert.deepEqual(
    lines.filter((line) => line.includes('IN NO LOG')),
    [
      '  IN NO LOG: at least 17 connections that sshd dropped before it asked hosts.deny (MaxStartups)',
      '  IN NO LOG: at least 1 message of ssh.service that journald suppressed (RateLimitBurst)',
    ],
  );
  assert.equal(stderr, 'lines: 3, refusals: 1 (tcpd 1), in no log: 17 connections, 1 message\n');
});

void test('a line without end is passed over, and still counted', () => {
  const { status, stderr } = explain([], 'x'.repeat(40_000_000) + '\n' + refusal);
  assert.equal(stderr, 'lines: 2, refusals: 1 (tcpd 1)\n');
  assert.equal(status, 0);
});

void test('a file that cannot be read is one clear error', () => {
  const missing = explain(['/nonexistent/auth.log']);
  assert.equal(
    missing.stderr,
    'denywatch explain: cannot open /nonexistent/auth.log: no such file or directory\n',
  );
  assert.equal(missing.status, 1);
  const broken = explain(['-'], Buffer.concat([gzipSync(refusal).subarray(0, 20)]));
  assert.match(broken.stderr, /^denywatch explain: cannot read standard input: .*\n$/);
  assert.equal(broken.status, 1);
});

void test('beside a file that cannot be read the others are read', () => {
  const { stdout, stderr, status } = explain(['/nonexistent/a', refusal.trim(), '/nonexistent/b']);
  assert.match(stdout, /^1 refusal in 1 line, by format:$/m);
  assert.deepEqual(stderr.trim().split('\n'), [
    'denywatch explain: cannot open /nonexistent/a: no such file or directory',
    'denywatch explain: cannot open /nonexistent/b: no such file or directory',
    'lines: 1, refusals: 1 (tcpd 1)',
  ]);
  assert.equal(status, 1);
});

/** A line of syslog. */
const log = (text: string) => `Nov 22 21:56:43 gw ${text}\n`;

void test('lines that speak of a refusal and that no format reads are shown by kind, a few of them', () => {
  const { stdout } = explain(
    [],
    refusal +
      log('kernel: DENIED in 10.0.0.1 port 22') +
      log('food[7]: libwrap: Connection refused from "a b" [192.0.2.7]') +
      log('food[8]: libwrap: Connection refused from "c" [2001:db8::8]') +
      log('kernel: DENIED in 10.0.0.2 port 23') +
      log('kernel: DENIED in 10.0.0.3 port 24') +
      Array.from({ length: 30 }, (_, i) => log(`p${'x'.repeat(i)}: rejected`)).join(''),
  );
  const summary = stdout.slice(stdout.indexOf('1 refusal in')).split('\n');
  assert.deepEqual(summary.slice(0, 5), [
    '1 refusal in 36 lines, by format:',
    '  tcpd         1 ####################',
    'No format reads 35 lines that may be refusals:',
    '  line 3 and 1 alike: Nov 22 21:56:43 gw food[7]: libwrap: Connection refused from "a b" [192.0.2.7]',
    '  line 2 and 2 alike: Nov 22 21:56:43 gw kernel: DENIED in 10.0.0.1 port 22',
  ]);
  assert.equal(summary[13], '  and 22 more');
});

void test('a line that looks like a refusal cannot act on the terminal either', () => {
  const { stdout } = explain([], 'Nov 22 21:56:43 gw x: denied \u001b[2J\u202e\r\n');
  assert.match(
    stdout,
    /^No refusal in 1 line\.\nNo format reads 1 line .*:\n {2}line 1: .*denied \?\[2J\?\?\n/,
  );
});

void test('on a terminal it is in colour, unless NO_COLOR says otherwise', (t) => {
  const file = join(tempDir(t), 'auth.log');
  writeFileSync(file, refusal);
  // Node takes a CI system's terminal for one without colours.
  const { CI: _, ...env } = process.env;
  const onTerminal = (noColor: string) => {
    const command = `${process.execPath} src/cli.ts explain ${file}`;
    const all = { ...env, TERM: 'xterm-256color', NO_COLOR: noColor };
    const args = ['-qefc', `stty cols 80; exec ${command}`, '/dev/null'];
    return spawnSync('script', args, { cwd: root, env: all, encoding: 'utf8' }).stdout;
  };
  const shown = onTerminal('');
  assert.ok(shown.includes('\u001b[1mline 1:\u001b'));
  assert.ok(!shown.includes('lines: 1'), 'the count is in the summary');
  assert.ok(!onTerminal('1').includes('\u001b[1m'));
});

void test('--corpus shows which lines are read differently, also by its status', (t) => {
  const good = explain(['--corpus', 'test/parse/corpus.txt']);
  assert.match(good.stderr, /^\d+ lines checked, 0 read differently\n$/);
  assert.equal(good.status, 0);
  const file = join(tempDir(t), 'mine.txt');
  writeFileSync(file, `# mine\n${refusal}\tno refusal\n${other}\trefused daemon=sshd\n`);
  const bad = explain(['--corpus', file]);
  assert.match(bad.stdout, /^line 2: .*\n {2}expected no refusal\n {2}read {5}refused at=/);
  assert.match(
    bad.stdout,
    /line 4: .*\n {2}expected refused daemon=sshd\n {2}read {5}no refusal\n$/,
  );
  assert.equal(bad.status, 1);
});

void test('every candidate of a big file is found across the pieces that it is read in', (t) => {
  const file = join(tempDir(t), 'big.log');
  const lines = Array.from({ length: 20_000 }, (_, n) => (n % 7 === 0 ? refusal : other));
  writeFileSync(file, lines.join(''));
  assert.ok(readFileSync(file).length > 1_000_000);
  const numbers = explain(['--json', file])
    .stdout.trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { line: number }).line);
  assert.deepEqual(
    numbers,
    lines.flatMap((line, n) => (line === refusal ? [n + 1] : [])),
  );
});
