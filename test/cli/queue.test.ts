import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Queue } from '../../src/queue/queue.ts';
import { denywatch, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';

test('what a monitor refused can be looked at, sent again, and dropped', async (t) => {
  const dir = tempDir(t);
  const config = writeConfig(dir, { sources: [{ file: 'auth.log' }] });
  const queue = new Queue(join(dir, 'queue.db'), {
    bounds: { results: 100, size: 1e9, keep: 1e9 },
  });
  t.after(() => queue.close());
  const about = { monitor: 'm:5668', at: 0, host: 'firestorm', service: 'TCP Wrappers' };
  const outputs = ['waits', 'refused', 'refused too'];
  const results = outputs.map((output) => ({
    ...about,
    output,
    state: 2 as const,
    denials: 1,
    value: 0,
  }));
  queue.put(results);
  queue.outbox('m:5668').setAside(2, 'not authorised');
  queue.outbox('m:5668').setAside(3, 'not authorised');
  const run = async (...args: string[]) => {
    const verb = denywatch(t, 'queue', ...args, '--config', config);
    return { status: await verb.end(), stdout: verb.stdout(), stderr: verb.stderr() };
  };

  const listed = (await run('list')).stdout.trim().split('\n');
  assert.deepEqual(listed, [
    '1\tm:5668\t1970-01-01T00:00:00.000Z\tfirestorm\tTCP Wrappers\t2\twaits\twaits',
    '2\tm:5668\t1970-01-01T00:00:00.000Z\tfirestorm\tTCP Wrappers\t2\trefused\trefused: not authorised',
    '3\tm:5668\t1970-01-01T00:00:00.000Z\tfirestorm\tTCP Wrappers\t2\trefused too\trefused: not authorised',
  ]);
  assert.equal((await run('retry', '2')).stdout, '1 result waiting for delivery again\n');
  assert.equal(queue.outbox('m:5668').waiting(0, 9).length, 2);
  const unknown = await run('retry', '1', '99');
  assert.equal(unknown.status, 1);
  assert.equal(
    unknown.stderr,
    'denywatch queue: 2 IDs of no refused result: denywatch queue list shows them\n',
  );
  assert.equal((await run('drop', '--all')).stdout, '1 result dropped\n');
  assert.equal(queue.overview.all().length, 2);
  const wrong = await run('drop', 'everything');
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /'everything' is not an ID: denywatch queue list shows them/);
});
