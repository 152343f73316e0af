/**
 * `node workload.ts QUEUE COUNT`: makes so many changes of a queue, of every kind, and says after each
 * that it is done, with a digest of what the queue holds then.
 */
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Queue } from '../../src/queue/queue.ts';
import { groupKey, HOUR } from '../../src/queue/history.ts';
import { randomFrom } from '../support/random.ts';
import { digestOf } from './dump.ts';

const [path = '', count = '0'] = process.argv.slice(2);
const random = randomFrom(7);
// The smallest size possible: the write-ahead log is restarted most often.
const queue = new Queue(path, {
  bounds: { results: 200, size: 1 << 20, keep: 1e12 },
  now: () => 1e12,
});
const outbox = queue.outbox('m', { digestAfter: null });
const db = new DatabaseSync(path, { readOnly: true });

const result = (output: string) =>
  ({
    monitor: 'm',
    at: 0,
    host: 'gw',
    service: 's',
    state: 2,
    output,
    denials: 1,
    value: 0,
  }) as const;

const CHANGES: readonly ((i: number) => void)[] = [
  (i) => {
    const clients = new Map([[`192.0.2.${random(250)}`, 1 + random(3)]]);
    queue.store({
      positions: [{ stream: 'auth.log', position: { offset: i }, carry: 'x'.repeat(random(200)) }],
      folds: [[`window ${random(30)}`, random(3) === 0 ? null : 'x'.repeat(random(900))]],
      results: Array.from({ length: random(4) }, (_, n) =>
        result(`${i}-${n} ${'x'.repeat(random(300))}`),
      ),
      denials: 3,
      happened: {
        minutes: new Map(),
        groups: new Map([[groupKey(1e12 - random(5) * HOUR, 'gw', 'sshd'), clients]]),
        events: [],
        unseen: [],
        brought: new Map(),
      },
      alerts: 1,
      ignored: 0,
      reported: 0,
      inbox: queue.inbox.left(2).map(({ id }) => id),
    });
  },
  () => outbox.delivered(outbox.waiting(0, random(6)).map(({ id }) => id)),
  (i) => void queue.put([result(`sent ${i}`)]),
  (i) => queue.inbox.leave({ client: `${i}` }),
  () => outbox.waiting(0, 1).forEach(({ id }) => outbox.setAside(id, 'refused')),
  (i) =>
    outbox.saveBackoff({ failures: i, next: i, kind: 'down', message: 'x'.repeat(random(200)) }),
];

writeSync(1, `0 ${digestOf(db)}\n`);
for (let i = 1; i <= Number(count); i++) {
  // Most are what the agent does most.
  CHANGES[random(3) === 0 ? random(CHANGES.length) : 0]!(i);
  writeSync(1, `${i} ${digestOf(db)}\n`);
}
