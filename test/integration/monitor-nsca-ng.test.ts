import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { MonitorError } from '../../src/monitor/error.ts';
import { openNscaNg } from '../../src/monitor/nsca-ng/nsca-ng.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';
import { startNscaNg } from '../support/nsca-ng.ts';
import { startNsca } from '../support/nsca.ts';
import { until } from '../support/until.ts';
import { sendAll } from '../support/session.ts';

const NEEDS = needs('nsca-ng-server');

function isRefused(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof MonitorError, String(error));
    assert.equal(error.kind, 'unauthorised', error.message);
    assert.match(error.message, message);
    return true;
  };
}

void test('results arrive as sent, with the time at which they happened', NEEDS, async (t) => {
  const server = await startNscaNg(t);
  const session = await openNscaNg(server.config).open(t.signal);
  const at = Date.now() - 5000;
  const outputs = ['Denied sshd-203.0.113.7', 'two\nlines \\ größer', '; | `$()'];
  const results = outputs.map((output) => Object.assign(critical(output), { at }));
  assert.deepEqual(await sendAll(session, results), []);
  assert.deepEqual(await sendAll(session, [{ ...critical('down'), at, service: '' }]), []);
  await session.finish();
  await until('four commands', () => server.commands().length >= 4);
  const time = `[${Math.floor(at / 1000)}] PROCESS_`;
  assert.deepEqual(server.commands(), [
    `${time}SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;Denied sshd-203.0.113.7`,
    `${time}SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;two\\nlines \\\\ größer`,
    `${time}SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;; | \`$()`,
    `${time}HOST_CHECK_RESULT;firestorm;2;down`,
  ]);
});

void test('a result that the server does not authorise is refused for itself', NEEDS, async (t) => {
  const server = await startNscaNg(t, 'TCP Wrappers');
  const session = await openNscaNg(server.config).open(t.signal);
  const other = { ...critical('x'), service: 'other' };
  const refusals = await sendAll(session, [critical('one'), other, critical('two')]);
  assert.deepEqual(refusals, [{ result: other, reason: "You're not authorized" }]);
  await session.finish();
  await until('both others', () => server.commands().length === 2);
});

void test('a wrong password and an unknown identity are distinguished', NEEDS, async (t) => {
  const { config } = await startNscaNg(t);
  const wrong = openNscaNg({ ...config, password: Buffer.from('wrong') });
  await assert.rejects(wrong.probe([], t.signal), isRefused(/another password/));
  const nobody = openNscaNg({ ...config, identity: 'nobody' });
  await assert.rejects(nobody.probe([], t.signal), isRefused(/does not know this identity/));
  assert.deepEqual(await openNscaNg(config).probe([], t.signal), [
    { kind: 'ok', text: `${config.name} takes results` },
  ]);
});

void test('a server that is down, or is another', NEEDS, async (t) => {
  const { config, stop } = await startNscaNg(t);
  const nsca = await startNsca(t, { mode: '--single' });
  const other = openNscaNg({ ...config, port: nsca.port });
  await assert.rejects(other.open(t.signal), { kind: 'tls', message: /is it an NSCA-ng server/ });
  await stop();
  await assert.rejects(openNscaNg(config).open(t.signal), { kind: 'down' });
});

void test(
  'a server killed again and again: all arrive, at most a group of each cut twice',
  NEEDS,
  async (t) => {
    const server = await startNscaNg(t);
    const outbox = memoryOutbox();
    const outputs = Array.from({ length: 1000 }, (_, i) => `number ${i}`);
    outbox.add(...outputs);
    const log = pino({ level: 'silent' });
    // It waits for the end of its sessions when it is stopped, and they for its answer.
    const monitor = openNscaNg({ ...server.config, timeout: 5000 });
    const delivery = startDelivery(monitor, outbox, { pace: { results: 50, every: 50 }, log });
    t.after(() => delivery.stop(0));
    const kills = 3;
    for (let i = 1; i <= kills; i++) {
      await until('some results', () => outbox.done.length > 200 * i);
      const sessions = outbox.saved.length;
      // The server writes what it has acknowledged when it is stopped, and not when it is killed.
      await server.stop('SIGTERM');
      await until('the end of the session', () => outbox.saved.length > sessions);
      await server.start();
      delivery.wake(true);
    }
    await until('all to be delivered', () => outbox.queued.length === 0);
    const came = () => server.commands().map((command) => command.split(';').at(-1));
    await until('every result', () => new Set(came()).size === outputs.length);
    assert.ok(came().length <= outputs.length + 50 * kills, `${came().length} came`);
    assert.deepEqual(outbox.done, outputs);
  },
);
