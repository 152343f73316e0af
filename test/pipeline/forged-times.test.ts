import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import * as fc from '../support/fast-check.ts';
import { iso, outputs, reader, refused, type Written } from '../support/timed-log.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const FORGER = '203.0.113.66';

/** How many logs each property tries; TIME_RUNS for more. */
const RUNS = Number(process.env['TIME_RUNS'] ?? 150);
const SEED = Number(process.env['TIME_SEED'] ?? 16);

const gap = fc.oneof(
  fc.integer({ min: 0, max: 5 * SECOND }),
  fc.integer({ min: 0, max: 2 * HOUR }),
);
/** Refusals of a few clients on two hosts, and where among them the forged one is. */
const logs = fc
  .array(fc.tuple(gap, fc.integer({ min: 1, max: 4 }), fc.constantFrom('gw', 'web')), {
    minLength: 1,
    maxLength: 40,
  })
  .map((parts) => {
    let at = NOON;
    return parts.map(([pause, client, host]) =>
      refused((at += pause), `198.51.${client}.1`, iso, host),
    );
  });
/** How far a forged time is ahead. */
const ahead = fc.oneof(
  fc.integer({ min: 2 * MINUTE, max: 30 * HOUR }),
  fc.constantFrom(Date.UTC(2027, 10, 22) - NOON, Date.UTC(2038, 0, 20) - NOON),
  fc.constant(Date.UTC(9999, 11, 31) - NOON),
);
/** Lines a block; null: each at its time, live. */
const way = fc.constantFrom(null, 1, 2, 3, 7, 100);

function reported(t: TestContext, lines: readonly Written[], block: number | null) {
  const end = lines.at(-1)!.at + 30 * MINUTE;
  const log = reader(t, block === null ? NOON - HOUR : end);
  if (block === null) log.live(lines);
  else log.backlog(lines, block);
  return log.end();
}

function withForged(
  lines: readonly Written[],
  place: number,
  forge: (at: number) => Written,
): Written[] {
  const i = Math.floor(place * (lines.length + 1));
  const { at } = lines[Math.min(i, lines.length - 1)]!;
  // It comes with the line after it: its own time is what it says, not when it is written.
  return [...lines.slice(0, i), { at, line: forge(at).line }, ...lines.slice(i)];
}

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

test('a forged line from the future at any place of a log is one refusal, and changes no other alert', (t) => {
  fc.assert(
    fc.property(logs, place, ahead, way, (lines, at, ms, block) => {
      const forged = withForged(lines, at, (now) => refused(now + ms, FORGER));
      const all = reported(t, forged, block);
      const others = all.filter(({ output }) => !output.includes(FORGER));
      assert.deepEqual(others, reported(t, lines, block));
      const [alert, ...more] = all.filter(({ output }) => output.includes(FORGER));
      assert.deepEqual([outputs([alert!]), more], [[FORGER], []]);
      // Behind the last line nothing shows that it is wrong, but for the clock.
      const i = forged.findIndex(({ line }) => line.includes(FORGER));
      const next = forged[i + 1]?.at ?? Infinity;
      assert.ok(alert!.at <= Math.min(next, lines.at(-1)!.at + 30 * MINUTE) + MINUTE);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test('a forged line that names a client does not silence what that client does later', (t) => {
  fc.assert(
    fc.property(logs, place, ahead, way, (lines, at, ms, block) => {
      const client = '198.51.1.1';
      const shifted = (by: number) => withForged(lines, at, (now) => refused(now + by, client));
      const total = (all: ReturnType<typeof reported>) =>
        outputs(all)
          .filter((output) => output.startsWith(client))
          .reduce((sum, output) => sum + Number(/ \((\d+) more/.exec(output)?.[1] ?? 1), 0);
      const [honest, forged] = [reported(t, shifted(0), block), reported(t, shifted(ms), block)];
      assert.equal(total(forged), total(honest));
      const isOther = ({ output }: { output: string }) => !output.includes(client);
      assert.deepEqual(forged.filter(isOther), honest.filter(isOther));
      const last = (all: typeof honest) => all.findLast((one) => !isOther(one))?.at ?? 0;
      assert.ok(Math.abs(last(forged) - last(honest)) <= 3 * HOUR);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test('a line from the past at any place of a log that is followed is of the time at which it comes', (t) => {
  const past = fc.integer({ min: 2 * MINUTE, max: 1000 * 24 * HOUR });
  fc.assert(
    fc.property(logs, place, past, (lines, at, ms) => {
      const forged = withForged(lines, at, (now) => refused(now - ms, FORGER));
      const others = reported(t, forged, null).filter(({ output }) => !output.includes(FORGER));
      assert.deepEqual(others, reported(t, lines, null));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test('a host whose clock is years ahead makes no storm and hides no other host', (t) => {
  const lines = Array.from({ length: 100 }, (_, i) => i * MINUTE).flatMap((ms) => [
    refused(NOON + ms, '198.51.100.1', iso, 'web1'),
    { ...refused(NOON + ms + 365 * 24 * HOUR, '198.51.100.2', iso, 'web2'), at: NOON + ms },
  ]);
  for (const block of [null, 10, 1000]) {
    const texts = outputs(reported(t, lines, block));
    const of = (client: string) => texts.filter((text) => text.startsWith(client));
    assert.equal(texts.length, of('198.51.100.1').length + of('198.51.100.2').length);
    assert.deepEqual(
      of('198.51.100.2').map((text) => text.replace('.2', '.1')),
      of('198.51.100.1'),
      `${block}`,
    );
  }
});
