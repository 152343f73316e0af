import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { newPipeline, openQueue } from '../support/pipeline.ts';
import { tempDir } from '../support/temp.ts';

const DAY = 24 * 3_600_000;
const NOTHING = Buffer.alloc(0);

type Pipeline = ReturnType<typeof newPipeline>;

/** Reads a stream that was never read. */
function read(pipeline: Pipeline, stream: string): void {
  assert.equal(pipeline.positionOf(stream), undefined);
  pipeline.take({ stream, bytes: NOTHING, position: { read: stream } });
  pipeline.caughtUp(stream);
}

test('the place of a log that is gone is kept for weeks, and then dropped', (t) => {
  let now = Date.UTC(2026, 10, 22);
  const path = join(tempDir(t), 'queue.db');
  const run = (work: (pipeline: Pipeline) => void) => {
    const queue = openQueue(path);
    const pipeline = newPipeline(queue, ['/logs/*.log'], { now: () => now });
    work(pipeline);
    pipeline.close();
    const rows = ['1', '2', '3'].filter((name) => queue.position(name) !== undefined);
    queue.close();
    return rows.join();
  };
  const went = run((pipeline) => {
    for (const stream of ['1', '2']) read(pipeline, stream);
    for (const stream of ['1', '2']) pipeline.gone(stream);
  });
  assert.equal(went, '1,2');
  now += 30 * DAY;
  const came = run((pipeline) => {
    // It goes on where it was.
    assert.equal(pipeline.positionOf('2')?.['read'], '2');
    pipeline.caughtUp('2');
    read(pipeline, '3');
    pipeline.gone('3');
  });
  assert.equal(came, '1,2,3');
  now += 10 * DAY;
  const left = run((pipeline) => {
    pipeline.gone('3');
  });
  assert.equal(left, '2,3');
});
