import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { memoryOutbox } from '../delivery/memory-outbox.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'nsca', 'nagios4-core');

const ALERT = 'SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;';
const COUNT = 5000;

void test('5,000 results, paced, all become alerts in Nagios, in order', NEEDS, async (t) => {
  const nagios = await startNagios(t);
  const nsca = await startNsca(t, { commandFile: nagios.commandFile });
  const outbox = memoryOutbox();
  const outputs = Array.from({ length: COUNT }, (_, i) => `Denied sshd-host${i}.example`);
  outbox.add(...outputs);
  const log = pino({ level: 'silent' });
  const delivery = startDelivery(openNsca(nsca.config), outbox, {
    pace: { results: 50, every: 100 },
    log,
  });
  t.after(() => delivery.stop(0));

  const alerts = () =>
    nagios.log().flatMap((line) => (line.startsWith(ALERT) ? [line.slice(ALERT.length)] : []));
  await until('all alerts', () => alerts().length >= COUNT);
  assert.deepEqual(alerts(), outputs);
  const notified = () => nagios.log().filter((line) => line.startsWith('SERVICE NOTIFICATION: '));
  await until('the notifications', () => notified().length >= COUNT);
  assert.equal(notified().length, COUNT);

  outbox.add('and Nagios still answers');
  delivery.wake();
  await until('one more', () => alerts().at(-1) === 'and Nagios still answers');
});

void test('a probe changes nothing in Nagios', NEEDS, async (t) => {
  const nagios = await startNagios(t);
  const nsca = await startNsca(t, { commandFile: nagios.commandFile });
  await openNsca(nsca.config).probe([], t.signal);
  const warning = await until('its warning', () =>
    nagios.log().find((line) => /^Warning: .*denywatch check/.test(line)),
  );
  assert.match(warning, /Passive check result was received .* could not be found!$/);
  assert.deepEqual(
    nagios.log().filter((line) => /ALERT|NOTIFICATION/.test(line)),
    [],
  );
});
