import assert from 'node:assert/strict';
import test from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openIcinga2 } from '../../src/monitor/icinga2/icinga2.ts';
import { critical, memoryOutbox } from '../delivery/memory-outbox.ts';
import { neededRoot } from '../support/debian-root.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { sendAll } from '../support/session.ts';
import { until } from '../support/until.ts';

const ROOT = neededRoot('trixie', { packages: ['icinga2-bin', 'icinga2-common'] });
const COUNT = 2000;

const OBJECTS = `
object ApiUser "nobody" {
  password = "change me"
  permissions = [ "objects/query/Host" ]
}
object Service "off" {
  import "denywatch-event"
  host_name = "firestorm"
  enable_passive_checks = false
}
`;

void test(
  'Icinga 2 of Debian 13 says the same, and takes each result amid a reload once',
  ROOT.needs,
  async (t) => {
    const icinga = await startIcinga2(t, { objects: OBJECTS, root: ROOT.path() });
    const { config } = icinga;
    const [node] = icinga.nodes;
    const monitor = openIcinga2(config);
    const services = ['TCP Wrappers', 'nope', 'off'].map((service) => ({
      host: 'firestorm',
      service,
    }));
    const found = await monitor.probe(services, t.signal);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['ok', 'problem', 'problem'],
    );
    assert.match(found[0]!.text, /\(r2\.14\.\S+\) takes results/);

    const session = await monitor.open(t.signal);
    const results = services.map((one) => ({ ...critical('x'), ...one }));
    const refused = await sendAll(session, results);
    assert.deepEqual(refused.map(({ reason }) => reason).toSorted(), [
      'Icinga does not know firestorm!nope (or the user may not see it)',
      'Icinga takes no passive results for firestorm!off',
    ]);
    await session.finish();
    const wrong = openIcinga2({ ...config, password: Buffer.from('wrong') }).open(t.signal);
    await assert.rejects(wrong, { kind: 'unauthorised', message: /refuses the login/ });
    const nobody = openIcinga2({ ...config, user: 'nobody' }).open(t.signal);
    await assert.rejects(nobody, { kind: 'unauthorised', message: /may not send results/ });

    const outbox = memoryOutbox();
    outbox.add(...Array.from({ length: COUNT }, (_, i) => String(i)));
    const log = pino({ level: 'silent' });
    const delivery = startDelivery(monitor, outbox, { pace: { results: 100, every: 0 }, log });
    t.after(() => delivery.stop(0));
    await until('some results', () => outbox.done.length >= 300);
    await node!.reload();
    await until('all to be delivered', () => outbox.queued.length === 0);
    const came = () =>
      node!.processed().flatMap(({ output }) => (output === 'x' ? [] : Number(output)));
    // When it has notified of one more, nothing comes any more of those before.
    outbox.add(String(COUNT));
    delivery.wake(true);
    await until('one more', () => came().includes(COUNT));
    const processed = came().filter((number) => number < COUNT);
    const once = new Set(processed);
    t.diagnostic(
      `${once.size} of ${COUNT} reported by Icinga, ${processed.length - once.size} twice`,
    );
    assert.deepEqual(outbox.aside, []);
    assert.ok(processed.length - once.size <= config.connections);
    assert.deepEqual(
      [...once],
      [...once].toSorted((a, b) => a - b),
    );
  },
);
