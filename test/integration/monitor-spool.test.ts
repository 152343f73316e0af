/** Results by way of the spool directory of a real Nagios on this machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openNagios } from '../../src/monitor/nagios/nagios.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';
import { CLI, denywatch, status, writeConfig } from '../support/agent.ts';
import { clockOff, clockToSet } from '../support/clock.ts';
import { fill, smallDisk } from '../support/disk.ts';
import { alertsOf, startNagios, type Nagios } from '../support/nagios.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'nagios4-core');
const log = pino({ level: 'silent' });
const pace = { results: null, every: null };

function settingsOf({ spool, config }: Pick<Nagios, 'spool' | 'config'>, timeout = 10_000) {
  return { kind: 'nagios', name: 'local', path: spool, config, timeout } as const;
}

function numbered(count: number, what = 'number'): string[] {
  return Array.from({ length: count }, (_, n) => `${what} ${n}`);
}

/** The files that Nagios would read. */
const released = ({ spool }: Nagios) =>
  readdirSync(spool)
    .filter((name) => /^c\w{6}\.ok$/.test(name))
    .map((name) => name.slice(0, 7));
/** Outputs of alerts without the time of a late one. */
const texts = (nagios: Nagios) => alertsOf(nagios).map((output) => output.replace(/ at \S+$/, ''));

/** Puts a result with each of these outputs in the queue. */
function queueUp(config: string, outputs: readonly string[]): void {
  const input = outputs.map((output) => `firestorm\tTCP Wrappers\t2\t${output}\n`).join('');
  const { status: code, stderr } = spawnSync(process.execPath, [CLI, 'send', '--config', config], {
    input,
    encoding: 'utf8',
  });
  assert.equal(code, 0, stderr);
}

/** What lies in the spool that is ours. */
const left = ({ spool }: Nagios) =>
  readdirSync(spool).filter((name) => /^(c|denywatch)/.test(name));

void test(
  'what is sent arrives as it was, in order, with the time at which it happened',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t);
    const session = await openNagios(settingsOf(nagios)).open(t.signal);
    const outputs = [
      'Denied sshd-203.0.113.7',
      'C:\\new\\table',
      'ends in \\',
      'größer',
      '= # { }',
      '# x',
    ];
    const at = Date.now() - 5000;
    assert.deepEqual(
      await sendAll(
        session,
        outputs.map((output) => ({ ...critical(output), at })),
      ),
      [],
    );
    assert.deepEqual(
      await sendAll(session, [critical(''), { ...critical('up'), service: '', state: 0 }]),
      [],
    );
    await session.finish();
    assert.deepEqual(alertsOf(nagios), [...outputs, '']);
    assert.deepEqual(left(nagios), []);
  },
);

void test(
  '5,000 results all become alerts, in order, while Nagios is restarted and killed',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t);
    const outbox = memoryOutbox();
    const outputs = numbered(5000);
    outbox.add(...outputs);
    const delivery = startDelivery(openNagios(settingsOf(nagios)), outbox, { pace, log });
    t.after(() => delivery.stop(0));
    const seen = () => new Set(alertsOf(nagios));
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const before = seen().size;
      await until('some alerts', () => seen().size > before + 500);
      await nagios.stop(signal);
      await nagios.start();
    }
    await until('all to be delivered', () => outbox.queued.length === 0);
    assert.deepEqual(outbox.done, outputs);
    assert.deepEqual([...seen()], outputs);
    t.diagnostic(`${alertsOf(nagios).length - outputs.length} of ${outputs.length} came twice`);
    assert.deepEqual(left(nagios), []);
  },
);

void test(
  'results of two hours without Nagios arrive when it is back, whatever the clock did',
  needs('root', 'nagios4-core', 'faketime'),
  async (t) => {
    const nagios = await startNagios(t, { run: clockOff('+2h') });
    await nagios.stop();
    const dir = tempDir(t);
    const clock = clockToSet(dir);
    const config = writeConfig(dir, {
      sources: [{ file: 'none.log' }],
      queue: { path: join(dir, 'queue.db'), digestAfter: false },
      monitors: [{ nagios: nagios.spool, nagiosConfig: nagios.config, timeout: '5s' }],
    });
    const [command, ...args] = [
      ...clock.run,
      process.execPath,
      CLI,
      'run',
      '--config',
      config,
    ] as const;
    const agent = program(t, command, args);
    const outputs = numbered(20, 'waited');
    queueUp(config, outputs);
    await until('a file', () => released(nagios).length > 0);
    // With a file there that the agent has not taken back yet.
    clock.set('+2h');
    await until('the agent to say so', () => agent.stderr().includes('Nagios has not read'));
    await nagios.start();
    await until('all alerts', () => new Set(texts(nagios)).size === outputs.length);
    assert.deepEqual([...new Set(texts(nagios))], outputs);
    assert.ok(texts(nagios).length <= 2 * outputs.length);
    await until('an empty spool', () => left(nagios).length === 0);
  },
);

for (const [what, first] of [
  ['before', 'agent'],
  ['after', 'Nagios'],
] as const) {
  void test(
    `an agent that is killed, and started ${what} Nagios has read its file, sends nothing twice`,
    NEEDS,
    async (t) => {
      const nagios = await startNagios(t);
      await nagios.stop();
      const dir = tempDir(t);
      const config = writeConfig(dir, {
        sources: [{ file: 'none.log' }],
        monitors: [{ nagios: nagios.spool, nagiosConfig: nagios.config }],
      });
      const outputs = numbered(50);
      queueUp(config, outputs);
      const killed = denywatch(t, 'run', '--config', config);
      const file = await until('a file', () => released(nagios)[0]);
      killed.kill('SIGKILL');
      await killed.end();
      if (first === 'agent') {
        denywatch(t, 'run', '--config', config);
        await until(
          'another file in its place',
          () => released(nagios).length === 1 && released(nagios)[0] !== file,
        );
        await nagios.start();
      } else {
        await nagios.start();
        await until('Nagios to read it', () => released(nagios).length === 0);
        denywatch(t, 'run', '--config', config);
      }
      await until(
        'nothing to wait',
        async () => (await status(t, config))?.monitors[0]?.waiting === 0,
      );
      assert.deepEqual(alertsOf(nagios), outputs);
      await until('an empty spool', () => left(nagios).length === 0);
    },
  );
}

void test(
  'a directory that vanishes, or is emptied by somebody, loses nothing',
  NEEDS,
  async (t) => {
    const nagios = await startNagios(t);
    await nagios.stop();
    const monitor = openNagios(settingsOf(nagios));
    const session = await monitor.open(t.signal);
    const emptied = session.send([critical('one')], () => assert.fail('a verdict'), t.signal);
    await until('a file', () => released(nagios).length > 0);
    for (const name of readdirSync(nagios.spool)) rmSync(join(nagios.spool, name));
    await assert.rejects(emptied, {
      kind: 'unknown',
      message: /it is not known whether Nagios has read it/,
    });

    const moved = (await monitor.open(t.signal)).send(
      [critical('one')],
      () => assert.fail('a verdict'),
      t.signal,
    );
    await until('a file', () => released(nagios).length > 0);
    renameSync(nagios.spool, `${nagios.spool}.away`);
    await assert.rejects(moved, { kind: 'unknown' });
    await assert.rejects(monitor.open(t.signal), {
      kind: 'local',
      message: /does not exist: is Nagios installed/,
    });
  },
);

// Nagios 4.5 removes the one and leaves the other where it may not read the file.
void test('a file of which only the half is removed is not taken for read', NEEDS, async (t) => {
  const nagios = await startNagios(t);
  await nagios.stop();
  const session = await openNagios(settingsOf(nagios)).open(t.signal);
  const sent = session.send([critical('one')], () => assert.fail('a verdict'), t.signal);
  const file = await until('a file', () => released(nagios)[0]);
  rmSync(join(nagios.spool, file));
  await assert.rejects(sent, { kind: 'unknown', message: /could not read/ });
  assert.deepEqual(left(nagios), []);
});

void test('what another user left with a name like ours is removed unread', NEEDS, async (t) => {
  const nagios = await startNagios(t);
  const names = ['cAAAAAA', 'cBBBBBB', 'cCCCCCC'].map(
    (name) => `denywatch-999999999-1-${Date.now()}-${name}`,
  );
  const [fifo, link, directory] = names.map((name) => join(nagios.spool, name));
  spawnSync('mkfifo', [fifo!]);
  symlinkSync('/dev/zero', link!);
  mkdirSync(directory!);
  const session = await openNagios(settingsOf(nagios)).open(t.signal);
  assert.deepEqual(await sendAll(session, [critical('one')]), []);
  await session.finish();
  assert.deepEqual(alertsOf(nagios), ['one']);
  assert.deepEqual(left(nagios), [names[2]]);
});

void test('a full disk leaves nothing behind', needs('root'), async (t) => {
  const disk = await smallDisk(t, join(tempDir(t), 'disk'), '64k');
  const monitor = openNagios({ ...settingsOf({ spool: disk.seen, config: '/nonexistent' }, 1000) });
  const session = await monitor.open(t.signal);
  fill(disk);
  const full = readdirSync(disk.seen);
  await assert.rejects(sendAll(session, [critical('one')]), {
    kind: 'local',
    message: /its disk is full; make room/,
  });
  assert.deepEqual(readdirSync(disk.seen), full);
});
