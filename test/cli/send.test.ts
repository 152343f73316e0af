import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readRecords } from '../../src/cli/send/records.ts';
import { serveState } from '../../src/host/control.ts';
import { openLog } from '../../src/host/log.ts';
import { Queue } from '../../src/queue/queue.ts';
import { CLI, denywatch, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

/** What send_nsca 2.10.2 makes of these was seen at the daemon, but for the record a line. */
const READINGS: [what: string, delimiters: string, input: string, records: string[][]][] = [
  ['a service check', '\t', 'gw\tTCP Wrappers\t2\tDenied', [['gw', 'TCP Wrappers', '2', 'Denied']]],
  ['a host check', '\t', 'gw\t1\tdown\n', [['gw', '', '1', 'down']]],
  ['an output with tabs', '\t', 'gw\tload\t0\ta\tb\n', [['gw', 'load', '0', 'a\tb']]],
  ['several tabs as one', '\t', 'gw\t\tload\t0\tfine', [['gw', 'load', '0', 'fine']]],
  ['an output that is empty', '\t', 'gw\tload\t0\t', [['gw', 'load', '0', '']]],
  [
    'records parted by ETB, whose outputs have lines',
    '\t',
    'gw\tload\t0\tone\ntwo\x17\ngw\tdisk\t1\tthree\n\x17\n',
    [
      ['gw', 'load', '0', 'one\ntwo'],
      ['gw', 'disk', '1', 'three'],
    ],
  ],
  [
    'a record a line where each line is one',
    '\t',
    'gw\tload\t0\tone\r\n\r\ngw\t2\ttwo\n',
    [
      ['gw', 'load', '0', 'one'],
      ['gw', '', '2', 'two'],
    ],
  ],
  ['one record where a line is none', '\t', 'gw\ta\t0\tone\ntwo\n', [['gw', 'a', '0', 'one\ntwo']]],
  ['fields parted by another character', ';', 'gw;a;0;b;c', [['gw', 'a', '0', 'b;c']]],
  ['fields parted by any of several', ':]', 'gw:]a]0:b', [['gw', 'a', '0', 'b']]],
  ['a delimiter given by its number', '0x2c', 'gw,a,0,b', [['gw', 'a', '0', 'b']]],
  ['what is no record', '\t', 'gw a 0 b', [[]]],
  ['nothing', '\t', '\n', []],
];

for (const [what, delimiters, input, records] of READINGS) {
  test(`input for send_nsca: ${what}`, () => {
    assert.deepEqual(readRecords(input, delimiters), records);
  });
}

/** Runs `denywatch send`, and gives its exit status, what it complained of and what it queued. */
function send(t: TestContext, args: string[], input = '', more: object = {}) {
  const dir = tempDir(t);
  const path = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: '127.0.0.1', encryption: 'none', name: 'monitor', ...more }],
  });
  const command = [CLI, 'send', '--config', path, ...args];
  const { status, stderr } = spawnSync(process.execPath, command, { input, encoding: 'utf8' });
  const bounds = { results: 100, size: 1 << 20, keep: 60_000 };
  const queue = new Queue(join(dir, 'queue.db'), { bounds });
  const queued = queue
    .outbox('monitor')
    .waiting(0, 100)
    .map(({ host, service, state, output }) => [host, service, state, output]);
  queue.close();
  return { status, stderr, queued };
}

test('send takes its last four arguments as they are, options before them', (t) => {
  const queued = [['-d', '--now', 0, '--help']];
  assert.deepEqual(send(t, ['-d', ',', '-d', '--now', 'OK', '--help']), {
    status: 0,
    stderr: '',
    queued,
  });
});

test('options may come after the data', (t) => {
  const { status, stderr } = send(t, ['gw', 'load', '0', 'fine', '--now'], '', {
    nsca: '127.0.0.1:9',
  });
  assert.equal(status, 1, 'nobody listens at that port');
  assert.match(stderr, /127\.0\.0\.1/);
  assert.match(
    send(t, ['gw', 'load', '0', 'fine', '--nwo']).stderr,
    /unknown option '--nwo'; did you mean '--now'\?/,
  );
});

test('send takes records from stdin where it has options only', (t) => {
  const { status, queued } = send(t, ['-d', ';'], 'gw;load;warning;fine');
  assert.deepEqual({ status, queued }, { status: 0, queued: [['gw', 'load', 1, 'fine']] });
});

test('send needs no credential that only the service has, except to deliver it now', (t) => {
  const secret = { credential: 'nsca.password' };
  assert.equal(send(t, ['gw', 'load', '0', 'fine'], '', secret).status, 0);
  assert.equal(send(t, ['--now', 'gw', 'load', '0', 'fine'], '', secret).status, 78);
});

const MISTAKES: [what: string, args: string[], input: string][] = [
  ['a wrong state on stdin', [], 'gw\tload\t0\tfine\ngw\tload\tconstructor\tbad\n'],
  ['a wrong state in the arguments', ['gw', 'load', '4', 'bad'], ''],
  ['a state that is only begun', ['gw', 'load', 'crit', 'bad'], ''],
  ['a host name that would end a command', [], 'gw;x\tload\t0\tfine\n'],
];

for (const [what, args, input] of MISTAKES) {
  test(`send refuses ${what} in one line, and queues nothing`, (t) => {
    const { status, stderr, queued } = send(t, args, input);
    assert.deepEqual({ status, queued }, { status: 2, queued: [] });
    assert.match(stderr, /^denywatch send: .*\n$/);
  });
}

/** A configuration with a mistake, and its queue. */
function withMistake(t: TestContext, config: object) {
  const dir = tempDir(t);
  const path = writeConfig(dir, config);
  const sent = async () => {
    const run = denywatch(t, 'send', '--config', path, 'gw', 'load', '0', 'fine');
    return { status: await run.end(), stderr: run.stderr() };
  };
  const waiting = (monitor: string) => {
    const bounds = { results: 100, size: 1 << 20, keep: 60_000 };
    const queue = new Queue(join(dir, 'queue.db'), { bounds });
    const { length } = queue.outbox(monitor).waiting(0, 100);
    queue.close();
    return length;
  };
  return { queue: join(dir, 'queue.db'), sent, waiting };
}

test('send needs no other part of the configuration than the queue and the monitors', async (t) => {
  const { sent, waiting } = withMistake(t, {
    sources: 'nonsense: 1',
    nonsense: 1,
    monitors: [{ nsca: '127.0.0.1', encryption: 'none', name: 'monitor' }],
  });
  assert.deepEqual(await sent(), { status: 0, stderr: '' });
  assert.equal(waiting('monitor'), 1);
});

test('where the monitors have mistakes, send queues for those of the running agent', async (t) => {
  const {
    queue: path,
    sent,
    waiting,
  } = withMistake(t, { monitors: [{ nsca: '127.0.0.1', x: 1 }] });
  const before = await sent();
  assert.equal(before.status, 78);
  assert.match(before.stderr, /unknown key/);
  const state = { monitors: [{ name: 'old' }, { name: 'older' }] };
  const server = serveState(path, () => state, { log: openLog() });
  t.after(() => server.close());
  assert.deepEqual(await sent(), { status: 0, stderr: '' });
  assert.deepEqual([waiting('old'), waiting('older')], [1, 1]);
});

test('without monitors, send says that nobody would get the result', async (t) => {
  const { sent } = withMistake(t, { monitor: [{ nsca: '127.0.0.1' }] });
  const { status, stderr } = await sent();
  assert.equal(status, 78);
  assert.match(stderr, /no 'monitors'/);
});

test('if one result cannot be sent, none is, and the message says why', (t) => {
  const good = 'gw\tload\t0\tfine\n';
  for (const [args, input, says] of [
    [['', 'load', 'ok', 'fine'], '', 'the result: the host name is empty'],
    [[], 'nonsense', 'the result: it has no HOST, SERVICE, STATE and OUTPUT'],
    [
      [],
      `${good}gw\tload\tcrit\tx\n`,
      "record 2 of 2: 'crit' is not a state: use 0 to 3 or its name",
    ],
    [[], `gw\ta;b\t0\tx\n${good}`, 'record 1 of 2: the service has a semicolon'],
  ] as const) {
    const { status, stderr, queued } = send(t, [...args], input);
    assert.equal(status, 2, stderr);
    assert.ok(stderr.includes(`denywatch send: cannot send ${says}`), stderr);
    assert.match(stderr, /; nothing was sent\n$/);
    assert.deepEqual(queued, []);
  }
});
