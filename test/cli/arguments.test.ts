/** What the command line says of a mistake in its arguments. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { readData } from '../../src/cli/arguments.ts';
import { CLI } from '../support/agent.ts';

/** The output goes into a file: `denied` writes nothing to a socket, which Node's pipes are. */
function denywatch(...args: string[]) {
  const path = join(tmpdir(), `denywatch-${process.pid}`);
  const file = openSync(path, 'w');
  try {
    const command = [CLI, ...args];
    const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', file, file] });
    return { status, output: readFileSync(path, 'utf8') };
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

const MISTAKES: [args: string[], says: RegExp][] = [
  [['stauts'], /^denywatch: unknown verb 'stauts'; did you mean 'status'\? \(denywatch --help\)$/m],
  [['help', 'quue'], /unknown verb 'quue'; did you mean 'queue'\?/],
  [
    ['status', '--jsno'],
    /^denywatch status: unknown option '--jsno'; did you mean '--json'\? \(denywatch help status\)$/m,
  ],
  [['report', '--sicne=7d'], /unknown option '--sicne'; did you mean '--since'\?/],
  [['check', '-x'], /unknown option '-x' \(/],
  [['report', '--host'], /'--host' needs a value/],
  [['status', '--json=yes'], /'--json' takes no value/],
  [['check', "it's here"], /unexpected argument 'it's here'/],
  [['--config', 'x', 'status'], /options follow the verb: '--config' is not a verb/],
  [['version'], /did you mean '--version'\?/],
  [['report', '--html='], /'--html' needs a value/],
  [['report', 'x'], /unexpected argument 'x': a FILE without an option needs --csv/],
  [['report', '--csv', 'a', 'b'], /unexpected argument 'b'; text with blanks needs quotes/],
  [['queue'], /needs list, retry or drop/],
  [['queue', 'rerty', '7'], /'rerty' is not one of list, retry, drop; did you mean 'retry'\?/],
  [['queue', 'list', '--all'], /--all is for retry and drop/],
  [['queue', 'retry', '7', '--json'], /--json is for list/],
  [['queue', 'drop', '0x10'], /'0x10' is not an ID/],
  [['queue', 'drop', '--all', '7'], /--all or '7': choose one/],
  [['run', '--json'], /--json is for --dry-run/],
  [['explain', '--corpus', 'a', 'b'], /--corpus FILE stands alone/],
  [['receive', '--method', '3dse'], /^denywatch receive: .*did you mean '3des'\? \(denywatch help/],
  [
    ['receive', '--prot', '1'],
    /^denywatch receive: unknown option '--prot'; did you mean '--port'\?/,
  ],
  [['send', 'gw', 'load', 'ok', 'all', 'is well'], /unexpected argument 'is well'; text with/],
  [
    ['denied', '192.0.2.1', 'sshd', '--confg', 'x'],
    /unknown option '--confg'; did you mean '--config'/,
  ],
  [['denied', '192.0.2.1', 'sshd', 'x'], /unexpected argument 'x'/],
  [['denied', '192.0.2.1'], /needs CLIENT and DAEMON/],
  [['init', '--host', 'a;b'], /--host: the host name has a semicolon/],
];

for (const [args, says] of MISTAKES) {
  test(`${args.join(' ')} is wrong usage, and the hint helps`, () => {
    const { status, output } = denywatch(...args);
    assert.equal(status, 2);
    assert.match(output, says);
  });
}

test('help VERB shows what VERB --help does', () => {
  const { status, output } = denywatch('help', 'queue');
  assert.equal(status, 0);
  assert.match(output, /^usage: denywatch queue list/);
  assert.equal(output, denywatch('queue', '--help').output);
  for (const args of [
    ['list', '--json', '--help'],
    ['-h', '--json'],
  ])
    assert.equal(output, denywatch('queue', ...args).output);
});

const CONFIG = { config: { type: 'string' } } as const;
const TWO = { names: ['CLIENT', 'DAEMON'], fits: () => true };

/** Arguments, and what is read of them. */
const DATA: [args: string[], config: string | undefined, data: string[]][] = [
  [['gw', 'sshd'], undefined, ['gw', 'sshd']],
  [['--config', 'x'], undefined, ['--config', 'x']],
  [['--config', 'x', '--config', '--help'], 'x', ['--config', '--help']],
  [['gw', 'sshd', '--config', 'x'], 'x', ['gw', 'sshd']],
  [['gw', '--config', 'x', 'sshd'], 'x', ['gw', 'sshd']],
  [['--config=x', '--', '--config=y', 'sshd'], 'x', ['--config=y', 'sshd']],
];

for (const [args, config, data] of DATA) {
  test(`any text may be data, with options before or after it: ${args.join(' ')}`, () => {
    const { values, positionals } = readData(args, CONFIG, TWO);
    assert.deepEqual([values.config, positionals], [config, data]);
  });
}
