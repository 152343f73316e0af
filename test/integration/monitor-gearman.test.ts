/** Results by way of a real gearmand, read by a worker that is not of our making. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openGearman } from '../../src/monitor/gearman/gearman.ts';
import { keyFrom } from '../../src/monitor/gearman/key.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';
import {
  closeAfter,
  faultProxy,
  halfOpenAfter,
  resetAfter,
  silent,
} from '../support/fault-proxy.ts';
import { gearmanSettings, KEY, outputsIn, startGearmand, startWorker } from '../support/gearman.ts';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { freePort } from '../support/free-port.ts';
import { startNsca } from '../support/nsca.ts';
import { refusal } from '../support/refusals.ts';
import { needs } from '../support/packages.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('gearman-job-server', 'gearman-tools', 'openssl');
const log = pino({ level: 'silent' });
const pace = { results: null, every: null };

function deliver(t: TestContext, settings: Parameters<typeof openGearman>[0], outputs: string[]) {
  const outbox = memoryOutbox();
  outbox.add(...outputs);
  const delivery = startDelivery(openGearman(settings), outbox, { pace, log });
  t.after(() => delivery.stop(0));
  return { outbox, delivery };
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `number ${n}`);

void test('results arrive as sent, encrypted as the module decrypts them', NEEDS, async (t) => {
  const gearmand = await startGearmand(t);
  const worker = startWorker(t, gearmand);
  const at = Date.now() - 5000;
  const outputs = [
    'Denied sshd-203.0.113.7',
    'größer',
    'two\nlines',
    'C:\\temp\\new',
    '='.repeat(200),
  ];
  const session = await openGearman(gearmand.settings).open(t.signal);
  assert.deepEqual(
    await sendAll(
      session,
      outputs.map((output) => ({ ...critical(output), at })),
    ),
    [],
  );
  assert.deepEqual(await sendAll(session, [{ ...critical('down'), service: '' }]), []);
  const [refused] = await sendAll(session, [{ ...critical('x'), host: 'a;b' }]);
  assert.match(refused!.reason, /semicolon/);
  await session.finish();
  await until('all of them', () => worker.results().length === 6);
  const seconds = Math.floor(at / 1000);
  const [first = '', ...rest] = worker.results();
  assert.match(
    first,
    new RegExp(
      `^type=passive\nhost_name=firestorm\nstart_time=${seconds}\\.\\d{6}\nfinish_time=${seconds}\\.\\d{6}\nlatency=0.0\nreturn_code=2\nsource=denywatch\nservice_description=TCP Wrappers\noutput=Denied sshd-203.0.113.7\n\n$`,
    ),
  );
  assert.deepEqual(outputsIn(rest), [
    'größer',
    'two\\nlines',
    'C:\\\\temp/new',
    '='.repeat(200),
    'down',
  ]);
  assert.doesNotMatch(rest.at(-1)!, /service_description/);
});

void test('what is not encrypted is recognised by its first word', NEEDS, async (t) => {
  const gearmand = await startGearmand(t);
  const session = await openGearman({ ...gearmand.settings, key: null }).open(t.signal);
  await sendAll(session, [critical('plain')]);
  await session.finish();
  const job = await gearmand.take();
  assert.match(Buffer.from(job, 'base64').toString(), /^type=passive\n[^]*\noutput=plain\n\n$/);
});

void test('check reports a missing worker, a wrong key, and a right one', NEEDS, async (t) => {
  const gearmand = await startGearmand(t);
  const probe = async (key?: string) =>
    openGearman({
      ...gearmand.settings,
      ...(key !== undefined && { key: keyFrom(Buffer.from(key)) }),
    }).probe([], t.signal);
  const [none] = await probe();
  assert.equal(none?.kind, 'note');
  assert.match(none.text, /no worker reads check_results: .* lost with it/);
  startWorker(t, gearmand);
  const right = await until('the worker', async () =>
    (await probe()).find(({ kind }) => kind !== 'note'),
  );
  assert.equal(right.kind, 'ok', right.text);
  const [wrong] = await probe('another key');
  assert.equal(wrong?.kind, 'problem');
  assert.match(wrong.text, /the key differs from that in Mod-Gearman's module.conf/);
});

void test('another server, or none, is distinguished from a gearmand', NEEDS, async (t) => {
  const nsca = await startNsca(t, { mode: '--single' });
  await assert.rejects(openGearman(gearmanSettings(nsca.port)).open(t.signal), {
    kind: 'protocol',
    message: /is not gearmand/,
  });
  await nsca.stop();
  await assert.rejects(openGearman(gearmanSettings(nsca.port)).open(t.signal), { kind: 'down' });
});

void test(
  'a server of a list that is down is passed over, and the first is used again',
  NEEDS,
  async (t) => {
    const [first, second] = [await startGearmand(t), await startGearmand(t)];
    const monitor = openGearman({ ...gearmanSettings(first.port, second.port), name: 'both' });
    assert.equal(monitor.name, 'both');
    await first.stop();
    await (await monitor.open(t.signal)).finish();
    const [down, up] = await monitor.probe([], t.signal);
    assert.equal(down?.kind, 'problem');
    assert.match(down.text, /connection refused/);
    assert.match(up!.text, new RegExp(`127.0.0.1:${second.port} takes results`));
  },
);

void test(
  'gearmand restarted in the middle: all arrive, in order, but for what was in its memory',
  NEEDS,
  async (t) => {
    const gearmand = await startGearmand(t);
    const worker = startWorker(t, gearmand, { judges: false });
    const outputs = numbered(1000);
    const { outbox, delivery } = deliver(t, gearmand.settings, outputs);
    await until('some', () => outbox.done.length >= 400);
    await gearmand.stop();
    const inMemory = outbox.done.length;
    await gearmand.start();
    delivery.wake(true);
    await until('all to be delivered', () => outbox.queued.length === 0);
    assert.deepEqual(outbox.done, outputs);
    const seen = () => [...new Set(outputsIn(worker.results()))];
    await until('the last', () => seen().at(-1) === outputs.at(-1));
    const lost = outputs.filter((output) => !seen().includes(output));
    t.diagnostic(
      `${lost.length} of ${inMemory} that gearmand had acknowledged were lost with its memory`,
    );
    assert.ok(lost.every((output) => outputs.indexOf(output) < inMemory));
    assert.deepEqual(
      seen(),
      outputs.filter((output) => !lost.includes(output)),
    );
  },
);

void test(
  'a connection that is cut at any byte: each result comes, and once while it waits',
  NEEDS,
  async (t) => {
    const gearmand = await startGearmand(t);
    const outputs = numbered(40);
    const { outbox, delivery } = deliver(t, gearmand.settings, []);
    await delivery.stop(0);
    assert.equal(outbox.queued.length, 0);
    const cuts = [0, 20, 40, 41, 700, 3333, 9000];
    let all = 0;
    for (const fault of [resetAfter, closeAfter, halfOpenAfter]) {
      for (const bytes of cuts) {
        const proxy = await faultProxy(t, gearmand.port, fault(bytes));
        const through = deliver(
          t,
          { ...gearmanSettings(proxy.port), timeout: 1000 },
          outputs.map((output) => `${output} of ${++all}`),
        );
        await until(
          'a failure',
          () => through.outbox.saved.length > 0 || through.outbox.queued.length === 0,
        );
        proxy.set((client, server) => {
          const to = server();
          client.pipe(to).pipe(client);
        });
        through.delivery.wake(true);
        await until('the rest', () => through.outbox.queued.length === 0);
        await through.delivery.stop(0);
      }
    }
    assert.equal(await gearmand.waiting(), all);
  },
);

void test('hostile answers end the session, and are bounded', NEEDS, async (t) => {
  const gearmand = await startGearmand(t);
  const proxy = await faultProxy(t, gearmand.port, silent);
  const settings = gearmanSettings(proxy.port);
  const impatient = openGearman({ ...settings, timeout: 1000 });
  await assert.rejects(async () => impatient.open(t.signal), {
    kind: 'silent',
    message: /is it a gearmand/,
  });
  const open = async () => openGearman(settings).open(t.signal);
  const answer = (bytes: Buffer | string) => proxy.set((client) => void client.write(bytes));
  answer('HTTP/1.1 400 Bad Request\r\n\r\n');
  await assert.rejects(open(), { kind: 'protocol' });
  answer(Buffer.from('\0RES\0\0\0\x11\x7f\xff\xff\xff', 'latin1'));
  await assert.rejects(open(), { kind: 'protocol' });
  answer(Buffer.from('\0RES\0\0\0\x13\0\0\0\x0aFULL\0\x1b[31m', 'latin1'));
  await assert.rejects(open(), (error: Error) => {
    assert.match(error.message, /takes no jobs at the moment: FULL: /);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(error.message, /[\u0000-\u001f]/);
    return true;
  });
});

void test('a gearmand with a queue on disk loses nothing when it is killed', NEEDS, async (t) => {
  const disk = ['--queue-type=libsqlite3', `--libsqlite3-db=${join(tempDir(t), 'queue.db')}`];
  const gearmand = await startGearmand(t, ...disk);
  const outputs = numbered(100);
  const { outbox } = deliver(t, gearmand.settings, outputs);
  await until('all to be delivered', () => outbox.queued.length === 0);
  await gearmand.stop();
  await gearmand.start();
  assert.equal(await gearmand.waiting(), outputs.length);
  const worker = startWorker(t, gearmand);
  await until('all of them', () => worker.results().length === outputs.length);
  t.diagnostic(
    `in order: ${JSON.stringify(outputsIn(worker.results())) === JSON.stringify(outputs)}`,
  );
  assert.deepEqual(new Set(outputsIn(worker.results())), new Set(outputs));
});

void test(
  'the verbs work by way of a gearmand: check, send --now, dry run, the agent, status',
  NEEDS,
  async (t) => {
    const gearmand = await startGearmand(t);
    const worker = startWorker(t, gearmand);
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), '');
    writeFileSync(join(dir, 'gearman.key'), `${KEY}\n`, { mode: 0o640 });
    const down = await freePort();
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [
        { gearman: [`127.0.0.1:${down}`, `127.0.0.1:${gearmand.port}`], keyFile: 'gearman.key' },
      ],
      heartbeat: { every: '1s' },
    });
    const run = async (verb: string, ...args: string[]) => {
      const program = denywatch(t, verb, '--config', config, ...args);
      await program.end();
      return program.stdout() + program.stderr();
    };
    const found = await run('check');
    assert.match(found, /problem .*monitors\.0: .*connection refused/);
    assert.match(found, /ok .*monitors\.0: .*a worker reads check_results with this key/);
    assert.equal(await run('send', '--now', 'firestorm', 'TCP Wrappers', '2', 'sent'), '');
    appendFileSync(join(dir, 'auth.log'), `${refusal('203.0.113.7', 1)}\n`);
    assert.match(await run('run', '--dry-run', '--once'), /Denied sshd-203\.0\.113\.7/);
    const agent = denywatch(t, 'run', '--config', config);
    const outputs = () => outputsIn(worker.results());
    await until('all three', () =>
      ['sent', 'Denied sshd-203.0.113.7', 'denywatch OK'].every((text) =>
        outputs().some((one) => one.startsWith(text)),
      ),
    );
    const shown = await status(t, config);
    assert.equal(shown?.monitors[0]?.name, `127.0.0.1:${down}`);
    agent.kill();
    assert.equal(await agent.end(), 0);
  },
);
