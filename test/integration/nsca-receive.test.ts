import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { denywatch } from '../support/agent.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { sendAll } from '../support/session.ts';

/** `denywatch receive` as a process of its own. */
async function receive(t: TestContext, ...args: string[]) {
  const receiver = denywatch(t, 'receive', '--port=0', ...args);
  const said = await until('the receiver', () =>
    /^listening on (\S+):(\d+)$/m.exec(receiver.stderr()),
  );
  const config = {
    kind: 'nsca',
    name: 'receiver',
    host: said[1]!,
    port: Number(said[2]),
    method: 14,
    password: Buffer.from('secret'),
    outputSize: 4096,
    timeout: 10_000,
    sourceAddress: null,
  } as const;
  return { receiver, config };
}

void test(
  'it prints what the real send_nsca sends, and ends with 0',
  needs('nsca-client'),
  async (t) => {
    const { receiver, config } = await receive(t, '--password=secret', '--method=aes');
    const file = join(tempDir(t), 'send_nsca.cfg');
    writeFileSync(file, 'password=secret\nencryption_method=14\n');
    const args = ['-H', config.host, '-p', String(config.port), '-c', file];
    const send = program(t, 'sh', ['-c', 'printf "$0" | send_nsca "$@"', INPUT, ...args]);
    assert.equal(await send.end(), 0, send.stdout());
    await until('both results', () => receiver.stdout().split('\n').length === 3);
    assert.equal(
      receiver.stdout(),
      'firestorm\tTCP Wrappers\t2\tDenied sshd-a\nfirestorm\t\t0\ttwo\\nlines\n',
    );
    receiver.kill('SIGINT');
    assert.equal(await receiver.end(), 0);
  },
);

const INPUT = 'firestorm\\tTCP Wrappers\\t2\\tDenied sshd-a\\027firestorm\\t0\\ttwo\\nlines\\n';

void test('it prints JSON Lines, with nothing that a terminal would obey', async (t) => {
  const { receiver, config } = await receive(t, '--json', '--password=secret', '--method=14');
  const session = await openNsca(config).open(t.signal);
  await sendAll(session, [critical('a\nb\u202e'), critical('two')]);
  await session.finish();
  const line = await until('a line', () => receiver.stdout().split('\n').at(-3));
  const { at, ...rest } = JSON.parse(line) as { at: string };
  assert.deepEqual(rest, {
    host: 'firestorm',
    service: 'TCP Wrappers',
    state: 2,
    output: 'a\nb\u202e',
  });
  assert.doesNotMatch(line, /[\p{C}]/u);
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 600_000);
});

void test('it stands in for an old daemon: packets of 720 bytes, several a connection', async (t) => {
  const { receiver, config } = await receive(t, '--old', '--password=secret', '--method=14');
  const session = await openNsca({ ...config, outputSize: 512 }).open(t.signal);
  await sendAll(session, [critical('x'.repeat(600)), critical('two\nlines'), critical('three')]);
  await session.finish();
  await until('three lines', () => receiver.stdout().split('\n').length === 4);
  const outputs = receiver
    .stdout()
    .split('\n')
    .map((line) => line.split('\t').at(-1));
  assert.deepEqual(outputs, [`${'x'.repeat(508)}…`, 'two lines', 'three', '']);
});

void test('a probe finds out that a daemon takes old packets only', async (t) => {
  const { config } = await receive(t, '--old', '--password=secret', '--method=14');
  await openNsca({ ...config, outputSize: 512 }).probe([], t.signal);
  const monitor = openNsca(config);
  await assert.rejects(monitor.probe([], t.signal), {
    kind: 'packet-size',
    message: /720 bytes only/,
  });
});

void test('a session with the wrong password is refused, and both sides say so', async (t) => {
  const { receiver, config } = await receive(t, '--address=::1', '--password=other', '--method=14');
  assert.equal(config.host, '::1');
  for (const results of [[critical('one')], [critical('one'), critical('two')]]) {
    const session = await openNsca(config).open(t.signal);
    await assert.rejects(
      async () => {
        await sendAll(session, results);
        await session.finish();
      },
      { kind: 'refused' },
    );
  }
  await until('its word on that', () =>
    receiver.stderr().includes("::1: can't decrypt what came: wrong password or method?"),
  );
  assert.equal(receiver.stdout(), '');
});

void test('garbage and half packets do it no harm', async (t) => {
  const { receiver, config } = await receive(t, '--password=secret', '--method=14');
  for (const bytes of [0, 1, 4303, 4304, 100_000]) {
    const socket = connect(config.port, config.host);
    socket.on('error', () => {});
    socket.resume().end(Buffer.alloc(bytes, 7));
    await new Promise((resolve) => socket.on('close', resolve));
  }
  await until('the word', () => receiver.stderr().includes('4303 bytes are not a packet of 4304'));
  const idle = connect(config.port, config.host);
  t.after(() => idle.destroy());
  await once(idle, 'data');
  await openNsca(config).probe([], t.signal);
  await until('its result', () => receiver.stdout() !== '');
  assert.match(receiver.stdout(), /^192\.0\.2\.1\tdenywatch check\t/);
  receiver.kill();
  assert.equal(await receiver.end(), 0);
});

void test('wrong usage is one line on stderr and status 2', async (t) => {
  const mistakes = [['--prot=1'], ['--port=x'], ['--port=70000'], ['--method=7'], ['extra']];
  for (const args of mistakes) {
    const receiver = denywatch(t, 'receive', ...args);
    assert.equal(await receiver.end(), 2, args.join(' '));
    assert.match(receiver.stderr(), /^[^\n]+\n$/);
    assert.equal(receiver.stdout(), '');
  }
});
