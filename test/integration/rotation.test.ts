/** Lines lost and read twice while a log is rotated under the source, beside `tail -F`. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { program } from '../support/program.ts';
import { rotation, tailF, tally } from '../support/rotation.ts';
import { randomFrom } from '../support/random.ts';
import { until } from '../support/until.ts';

const LINES = 200_000;
/** Its rotations write lines too. */
const BURST_LINES = 300_000;
const MODES = ['create', 'late', 'copytruncate', 'truncburst', 'double'];
const SPIN = ['-e', 'for (;;) {}'];

for (const load of ['', ', with busy cores']) {
  test(
    `no line is lost or read twice over 49 rotations${load}`,
    { concurrency: true },
    async (whole) => {
      if (load !== '') for (const _ of [1, 2]) program(whole, process.execPath, SPIN);
      await Promise.all(
        MODES.map((mode) =>
          whole.test(mode, async (t) => {
            const log = rotation(t);
            const reader = log.read();
            const tail = tailF(t, log.path);
            await until('the reader', () => reader.stdout() === 'ready\n');
            const lines = await log.write(mode, mode === 'truncburst' ? BURST_LINES : LINES);
            const ours = await log.taken(lines);
            const theirs = tally(tail.numbers(), lines);
            t.diagnostic(
              `${mode}${load}: of ${lines} lines lost ${ours.lost}, twice ${ours.twice}; ` +
                `tail -F lost ${theirs.lost}, twice ${theirs.twice}`,
            );
            assert.deepEqual(ours, { lost: 0, twice: 0 }, reader.stderr());
            assert.deepEqual(log.lost(), []);
            reader.kill();
            assert.equal(await reader.end(), 0);
          }),
        ),
      );
    },
  );
}

test('killed 20 times while the log is rotated, it loses nothing and reads nothing twice', async (t) => {
  const log = rotation(t);
  const first = log.read();
  await until('the first reader', () => first.stdout() === 'ready\n');
  first.kill('SIGKILL');
  const written = log.write('create,copytruncate,double,late,truncburst', LINES, 16_000);
  const random = randomFrom(20);
  for (let kills = 0; kills < 20; kills++) {
    const reader = log.read();
    await pause(100 + random(400));
    reader.kill('SIGKILL');
    await reader.end();
    await pause(random(300));
  }
  const last = log.read();
  const lines = await written;
  assert.deepEqual(await log.taken(lines), { lost: 0, twice: 0 }, last.stderr());
  assert.deepEqual(log.lost(), []);
});
