import assert from 'node:assert/strict';
import test from 'node:test';
import type { FoldConfig } from '../../src/fold/config.ts';
import { outputOf, reasonAgainst } from '../../src/monitor/command.ts';
import { newPipeline, openQueue, FOLD } from '../support/pipeline.ts';
import { campaign } from './campaign.ts';
import { mutator, ROOM } from './mutate.ts';
import { corpusLines, sampleLines } from './samples.ts';
import { nscaProtocol } from '../../src/monitor/nsca/protocol.ts';

const { limits } = nscaProtocol({ outputSize: 4096 });

const LINES = 64;
const BLOCKS = 8;
const STREAM = '/var/log/auth.log';
const MONITOR = 'monitor:5667';
const NOW = Date.UTC(2026, 10, 23);
const FOLDS: readonly FoldConfig[] = [
  FOLD,
  { ...FOLD, scan: null, storm: null },
  { ...FOLD, scan: { daemons: 3, window: 60_000, network: 8, hosts: 2 } },
];
const space = Buffer.alloc(LINES * (ROOM + 1));

/** What an alert may hold beside the names in it, which have only what `safe` lets through. */
const OUTPUT = /^[A-Za-z0-9._:%@+,/=#[\]()×… -]*$/u;

test('whatever is in a log, each denial in it is in one alert or one open window, also after restarts', async (t) => {
  const lines = mutator([...corpusLines(), ...sampleLines()]);
  let counted = 0;
  await campaign(t, {
    share: 0.05,
    round: LINES * BLOCKS,
    play: (random) => {
      const queue = openQueue();
      const store = queue.store.bind(queue);
      let reported = 0;
      queue.store = (batch) => {
        const dropped = store(batch);
        for (const { denials } of batch.results) reported += denials;
        return dropped;
      };
      const fold = FOLDS[random(FOLDS.length)]!;
      let pipeline = newPipeline(queue, [STREAM], { fold, now: () => NOW });
      for (let block = 0; block < BLOCKS; block++) {
        let size = 0;
        for (let line = 0; line < LINES; line++) {
          size = lines(random, space, size);
          space[size++] = 10;
        }
        pipeline.take({ stream: STREAM, bytes: space.subarray(0, size), position: { block } });
        if (random(3) === 0) pipeline.caughtUp(STREAM);
        if (random(3) > 0) continue;
        pipeline.close();
        pipeline = newPipeline(queue, [STREAM], { fold, now: () => NOW });
        assert.deepEqual(pipeline.positionOf(STREAM), { block });
      }
      pipeline.closeWindows();
      assert.equal(pipeline.state().open, 0);
      pipeline.close();
      const results = queue.outbox(MONITOR).waiting(0, 1e6);
      for (const result of results) {
        assert.match(result.output, OUTPUT);
        assert.equal(reasonAgainst(result, limits), null);
        assert.ok(outputOf(result, NOW, limits).length > 0);
      }
      const { denials = 0 } = queue.overview.totals();
      queue.close();
      assert.equal(reported, denials);
      counted += denials;
    },
  });
  t.diagnostic(`${counted} denials`);
});
