import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { MonitorError } from '../../src/monitor/error.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { startNsca } from '../support/nsca.ts';
import { sendAll } from '../support/session.ts';

const NEEDS = needs('nsca');

function kind(wanted: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MonitorError, String(error));
    assert.equal(error.kind, wanted, error.message);
    return true;
  };
}

void describe('a session that nsca refuses', { concurrency: 8 }, () => {
  for (const mode of ['--daemon', '--single'] as const) {
    for (const count of [1, 2, 3, 300]) {
      void test(`${mode}, wrong password, ${count} results`, NEEDS, async (t) => {
        const { config, commands } = await startNsca(t, { mode });
        const monitor = openNsca({ ...config, password: Buffer.from('wrong') });
        const outputs = Array.from({ length: count }, (_, i) => critical(`number ${i}`));
        // The second session must be served too, however soon it comes.
        for (let i = 0; i < 2; i++) {
          const session = await monitor.open(t.signal);
          await assert.rejects(async () => {
            await sendAll(session, outputs);
            await session.finish();
          }, kind('refused'));
        }
        assert.deepEqual(commands(), []);
      });
    }

    void test(`${mode}, wrong method, one result`, NEEDS, async (t) => {
      const { config, commands } = await startNsca(t, { mode, method: 14 });
      const session = await openNsca({ ...config, method: 3 }).open(t.signal);
      await sendAll(session, [critical('lost?')]);
      await assert.rejects(session.finish(), kind('refused'));
      assert.deepEqual(commands(), []);
    });

    void test(`${mode}, a probe with the wrong password`, NEEDS, async (t) => {
      const { config } = await startNsca(t, { mode, method: 3 });
      const found = await openNsca(config).probe([], t.signal);
      assert.deepEqual(
        found.map((one) => one.kind),
        ['ok', 'note'],
      );
      const monitor = openNsca({ ...config, password: Buffer.from('wrong') });
      await assert.rejects(monitor.probe([], t.signal), kind('refused'));
    });

    void test(`${mode}, a probe with old packets, which it would lose`, NEEDS, async (t) => {
      const { config } = await startNsca(t, { mode });
      const monitor = openNsca({ ...config, outputSize: 512 });
      await assert.rejects(monitor.probe([], t.signal), kind('packet-size'));
    });

    void test(`${mode}, a method that the daemon can't open`, NEEDS, async (t) => {
      const { config } = await startNsca(t, { mode, method: 7 });
      await assert.rejects(openNsca({ ...config, method: 1 }).open(t.signal), kind('closed'));
    });

    void test(`${mode}, no command file`, NEEDS, async (t) => {
      const { config } = await startNsca(t, {
        mode,
        commandFile: '/nonexistent/nagios.cmd',
        settings: ['aggregate_writes=1', 'alternate_dump_file=/nonexistent/dump'],
      });
      await assert.rejects(openNsca(config).open(t.signal), kind('command-file'));
    });
  }

  void test(
    'a daemon that is held up before it refuses again is not taken for one that took it',
    NEEDS,
    async (t) => {
      const nsca = await startNsca(t, { mode: '--single' });
      const monitor = openNsca({ ...nsca.config, password: Buffer.from('wrong') });
      const attempt = async (holdUp: () => void) => {
        const session = await monitor.open(t.signal);
        holdUp();
        await sendAll(session, [critical('lost?')]);
        await session.finish();
      };
      await assert.rejects(
        attempt(() => {}),
        kind('refused'),
      );
      // As another client does that stops in the middle of a packet.
      const heldUp = attempt(() => {
        nsca.signal('SIGSTOP');
        setTimeout(() => nsca.signal('SIGCONT'), 4_000);
      });
      await assert.rejects(heldUp, kind('refused'));
      assert.deepEqual(nsca.commands(), []);
    },
  );
});
