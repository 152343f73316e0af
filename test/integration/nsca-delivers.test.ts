import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { METHODS } from '../../src/monitor/nsca/cipher.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { startNsca } from '../support/nsca.ts';
import { until } from '../support/until.ts';
import { sendAll } from '../support/session.ts';

const NEEDS = needs('nsca');

const PREFIX = 'PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;';
void describe('nsca takes one result and several', { concurrency: 17 }, () => {
  for (const mode of ['--daemon', '--single'] as const) {
    for (const { number: method } of METHODS) {
      void test(`${mode}, method ${method}`, NEEDS, async (t) => {
        const nsca = await startNsca(t, { mode, method, password: 'a pässword ' });
        const monitor = openNsca(nsca.config);
        for (const outputs of [['Denied sshd-203.0.113.7'], ['one', 'zwei: größer', 'three']]) {
          const session = await monitor.open(t.signal);
          assert.deepEqual(await sendAll(session, outputs.map(critical)), []);
          await session.finish();
        }
        await until('four commands', () => nsca.commands().length >= 4);
        const outputs = ['Denied sshd-203.0.113.7', 'one', 'zwei: größer', 'three'];
        assert.deepEqual(
          nsca.commands(),
          outputs.map((output) => PREFIX + output),
        );
      });
    }
  }
});

void test(
  'the daemon writes what was sent, and nothing more, for every awkward text',
  NEEDS,
  async (t) => {
    const nsca = await startNsca(t, { mode: '--single' });
    const session = await openNsca(nsca.config).open(t.signal);
    const texts = [
      'two\nlines',
      'back\\slash \\n',
      'semicolon; [1] PROCESS_HOST_CHECK_RESULT;a;0;b',
      '|`$()<>"\'~!&*?%',
      'nul \0 escape \x1b[2J bell \x07',
      '',
      ' leading and trailing ',
      '日本語 ελληνικά \u{1F600}',
    ];
    await sendAll(session, texts.map(critical));
    await session.finish();
    await until('all commands', () => nsca.commands().length >= texts.length);
    assert.deepEqual(
      nsca.commands().map((command) => command.slice(PREFIX.length)),
      [
        'two\\nlines',
        'back\\\\slash \\\\n',
        'semicolon; [1] PROCESS_HOST_CHECK_RESULT;a;0;b',
        '|`$()<>"\'~!&*?%',
        'nul ? escape ?[2J bell ?',
        '',
        ' leading and trailing ',
        '日本語 ελληνικά \u{1F600}',
      ],
    );
  },
);

void test('the longest output that fits comes out whole, a longer one is cut', NEEDS, async (t) => {
  const nsca = await startNsca(t, { mode: '--single' });
  const session = await openNsca(nsca.config).open(t.signal);
  await sendAll(session, [
    critical('ä'.repeat(3000)),
    critical('\\'.repeat(3000)),
    critical('end'),
  ]);
  await session.finish();
  const commands = await until('all', () => (nsca.commands().length >= 3 ? nsca.commands() : null));
  const sizes = commands.map((command) => Buffer.byteLength(`[1700000000] ${command}\n`));
  assert.ok(sizes[0]! > 4090 && sizes[0]! <= 4096, `${sizes[0]}`);
  assert.ok(sizes[1]! > 4090 && sizes[1]! <= 4096, `${sizes[1]}`);
  assert.match(commands[0]!, /ä…$/);
  assert.match(commands[1]!, /2;(\\\\){1900,}…$/);
  assert.equal(commands[2], `${PREFIX}end`);
});

void test('a result without a service is a host check', NEEDS, async (t) => {
  const nsca = await startNsca(t, { mode: '--single' });
  const session = await openNsca(nsca.config).open(t.signal);
  await sendAll(session, [{ ...critical('unreachable'), service: '' }, critical('end')]);
  await session.finish();
  await until('both', () => nsca.commands().length >= 2);
  assert.equal(nsca.commands()[0], 'PROCESS_HOST_CHECK_RESULT;firestorm;2;unreachable');
});
