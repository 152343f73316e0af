import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { datingBy, parseTime } from '../../src/parse/time.ts';
import { Zone } from '../../src/text/zone.ts';

const HOUR = 3_600_000;
const berlin = Zone.named('Europe/Berlin')!;
const NOW = Date.UTC(2026, 9, 26);

test('a time without a zone is read in the zone of its log', () => {
  const shown = Date.UTC(2026, 10, 22, 21, 56);
  const offset = (name: string) => (shown - Zone.named(name)!.readings(shown)[0]!) / HOUR;
  assert.deepEqual(
    ['Europe/Berlin', 'America/St_Johns', 'UTC', '+05:30', '-0800', '+01'].map(offset),
    [1, -3.5, 0, 5.5, -8, 1],
  );
  assert.equal(
    parseTime('Nov 22 21:56:00', { ...datingBy(shown), zone: Zone.named('-08:00')! }),
    shown + 8 * HOUR,
  );
});

test('a zone that nobody knows is none', () => {
  for (const name of ['', 'Europe/Nowhere', '+1', '8', 'Z+1']) assert.equal(Zone.named(name), null);
});

test('an hour that comes twice is the first, until the log has passed that', () => {
  const second = Date.UTC(2026, 9, 25, 1, 30);
  const dating = { now: NOW, zone: berlin, after: -Infinity };
  const read = (after: number) => parseTime('Oct 25 02:30:00', { ...dating, after });
  assert.equal(read(-Infinity), second - HOUR);
  assert.equal(read(second - HOUR), second - HOUR);
  assert.equal(read(second - HOUR + 1), second);
  assert.equal(read(second + 24 * HOUR), second);
});

test('an hour that clocks skip is read as if they had not', () => {
  const skipped = Date.UTC(2026, 2, 29, 2, 30);
  assert.deepEqual(berlin.readings(skipped), [Date.UTC(2026, 2, 29, 1, 30)]);
});

test('what clocks show at any time has that time among its readings', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca'];
  const minute = fc.integer({ min: 0, max: 60 * 24 * 366 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), minute, (name, minutes) => {
      const at = Date.UTC(2026, 0, 1) + minutes * 60_000;
      const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);
      const shown = at + there.offsetNanoseconds / 1e6;
      return Zone.named(name)!.readings(shown).includes(at);
    }),
    { seed: 14, numRuns: 2000 },
  );
});
