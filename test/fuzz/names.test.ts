import assert from 'node:assert/strict';
import test from 'node:test';
import { FOLD, newPipeline, openQueue } from '../support/pipeline.ts';
import { campaign } from './campaign.ts';

const STREAMS = ['/var/log/auth.log', '/var/log/syslog'];
const NOW = Date.UTC(2026, 10, 23);
const LINES = 8;
const BLOCKS = 32;
/** The longest line that is read, and the most that rows of the fold may be. */
const LONGEST = 65_536;
const ROWS = 4 << 20;
/** Few keys, so that the bounds are reached. */
const KEYS = 200;

const LETTERS = ['a', '9', '.', '\u0431', '\u{1f600}', '\u00e9', '[', '\u001b'];

/** A name, most often short, now and then of up to 64 KiB. */
function name(random: (below: number) => number): string {
  const length = random(4) > 0 ? 1 + random(12) : 1 + random(LONGEST / 4);
  return LETTERS[random(LETTERS.length)]!.repeat(length);
}

/** A refusal with such a name in one of its fields or in all. */
function line(random: (below: number) => number, n: number): string {
  const which = random(6);
  const one = (field: number, otherwise: string) =>
    which === field || which === 5 ? name(random) : otherwise;
  const time = new Date(NOW - 30_000 + n * 50).toISOString();
  const address = one(3, `192.0.${n % 256}.${random(256)}`);
  return (
    `${time} ${one(0, 'gw')} ${one(1, 'sshd')}[${random(99_999)}]: refused connect from ` +
    `${one(2, 'user')}@${one(4, address)} (${address})`
  );
}

test('names of up to 64 KiB in every field end nothing, and rows stay bounded, also over restarts', async (t) => {
  let longest = 0;
  let counted = 0;
  await campaign(t, {
    share: 0.2,
    round: LINES * BLOCKS,
    play: (random) => {
      const queue = openQueue();
      const fold = {
        ...FOLD,
        keys: KEYS,
        scan: { daemons: 3, window: 60_000, network: 8, hosts: 5 },
      };
      const make = () => {
        const made = newPipeline(queue, STREAMS, { fold, now: () => NOW });
        for (const stream of STREAMS) {
          made.positionOf(stream);
          made.caughtUp(stream);
        }
        return made;
      };
      let pipeline = make();
      for (let block = 0; block < BLOCKS; block++) {
        const text = Array.from({ length: LINES }, (_, n) => line(random, block * LINES + n));
        const stream = STREAMS[random(STREAMS.length)]!;
        pipeline.take({ stream, bytes: Buffer.from(`${text.join('\n')}\n`), position: { block } });
        if (random(8) > 0) continue;
        pipeline.close();
        pipeline = make();
      }
      let rows = 0;
      for (const [key, value] of queue.folds()) rows += key.length + (value ?? '').length;
      longest = Math.max(longest, rows);
      assert.ok(rows < ROWS, `${rows} characters in rows`);
      counted += queue.overview.totals()['denials'] ?? 0;
      pipeline.close();
      queue.close();
    },
  });
  assert.ok(counted > 0);
  t.diagnostic(`${counted} denials, ${longest} characters in the rows of a fold at most`);
});
