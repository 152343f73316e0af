import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('nsca');
/** What a pipe holds, bytes (pipe(7)). */
const PIPE = 64 * 1024;

for (const mode of ['--single', '--daemon'] as const) {
  test(
    `${mode}, check does no harm to a daemon that compares host names with addresses`,
    NEEDS,
    async (t) => {
      const nsca = await startNsca(t, { mode, settings: ['strict_mode_spoofing=1'] });
      const monitor = openNsca(nsca.config);
      const found = await monitor.probe([], t.signal);
      assert.match(found.map(({ text }) => text).join('\n'), /strict_mode_spoofing must be off/);
      const session = await monitor.open(t.signal);
      await sendAll(
        session,
        ['localhost', '192.0.2.7'].map((host) => ({ ...critical(host), host })),
      );
      await session.finish();
      await until('the result of this host', () => nsca.commands().length > 0);
      assert.deepEqual(
        nsca.commands().map((command) => command.split(';')[1]),
        ['localhost'],
        'what is for another host is dropped, and looks delivered',
      );
    },
  );
}

test(
  'a daemon without its command file takes results for delivered, and check says where to look',
  NEEDS,
  async (t) => {
    const dump = join(tempDir(t), 'dump');
    const settings = ['command_file=/nonexistent/icinga2.cmd', `alternate_dump_file=${dump}`];
    const nsca = await startNsca(t, { settings });
    const monitor = openNsca(nsca.config);
    const found = await monitor.probe([], t.signal);
    assert.match(
      found.map(({ text }) => text).join('\n'),
      /command_file in nsca\.cfg must be Nagios' own/,
    );
    await until(
      'the dump',
      () => existsSync(dump) && readFileSync(dump, 'utf8').includes('denywatch check'),
    );
    assert.deepEqual(nsca.commands(), []);
  },
);

for (const mode of ['--single', '--daemon'] as const) {
  test(
    `${mode}, what does not fit into the pipe of a Nagios that reads nothing is dropped, and looks delivered`,
    NEEDS,
    async (t) => {
      const pipe = join(tempDir(t), 'nagios.cmd');
      assert.equal(spawnSync('mkfifo', ['-m', '666', pipe]).status, 0);
      // As Nagios opens it; what is written stays in the kernel.
      const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      t.after(() => closeSync(fd));
      const nsca = await startNsca(t, { mode, commandFile: pipe });
      const session = await openNsca(nsca.config).open(t.signal);
      const sent = Array.from({ length: 800 }, (_, n) => critical(`${n}`.padEnd(100)));
      await sendAll(session, sent);
      await session.finish();
      const kept = Buffer.alloc(2 * PIPE);
      const held = kept.toString('latin1', 0, readSync(fd, kept)).split('\n').slice(0, -1);
      const size = held[0]!.length + 1;
      // A page of the pipe holds whole commands only.
      assert.ok(held.length * size <= PIPE && held.length * size > PIPE / 2, `${held.length}`);
      const kinds = held.map((command) => Number(/;(\d+) *$/.exec(command)?.[1]));
      assert.deepEqual(
        kinds,
        Array.from(held, (_, n) => n),
        'the first ones, whole and in order',
      );
    },
  );
}
