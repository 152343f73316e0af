import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import * as fc from '../support/fast-check.ts';
import { Zone } from '../../src/text/zone.ts';
import { iso, reader, refused, traditional, type Written } from '../support/timed-log.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How many logs each property tries; TIME_RUNS for more. */
const RUNS = Number(process.env['TIME_RUNS'] ?? 60);
const SEED = Number(process.env['TIME_SEED'] ?? 15);

/** Zones with summer time in the north and the south, by an hour and by half of one, and without. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'Etc/GMT+12',
  'UTC',
];

/** What a log may run over, in universal time: a few hours around each are tried. */
const DATES = {
  'the beginning of summer time in Europe': Date.UTC(2026, 2, 29, 1),
  'its end': Date.UTC(2026, 9, 25, 1),
  'the beginning of summer time in America': Date.UTC(2026, 2, 8, 7),
  'its end there': Date.UTC(2026, 10, 1, 6),
  'both in Australia': Date.UTC(2027, 3, 3, 15),
  'New Year': Date.UTC(2027, 0, 1),
  '29 February': Date.UTC(2028, 1, 29, 12),
  'the end of that February': Date.UTC(2028, 2, 1),
};

/**
 * Gaps between refusals: bursts, and pauses in which windows end, but none that is as long as the
 * time that a zone has twice (half an hour on Lord Howe): no order shows such a one.
 */
const gap = fc.oneof(
  fc.integer({ min: 0, max: 5 * SECOND }),
  fc.integer({ min: 0, max: 28 * MINUTE }),
);
const steps = fc.array(fc.tuple(gap, fc.integer({ min: 1, max: 4 })), {
  minLength: 2,
  maxLength: 40,
});

/** Times in whole seconds, since the traditional form has no more. */
function logOf(begin: number, parts: readonly (readonly [number, number])[]) {
  let at = begin;
  return parts.map(([pause, client]) => {
    at += Math.ceil(pause / SECOND) * SECOND;
    return { at, client: `192.0.2.${client}` };
  });
}

type Refusal = ReturnType<typeof logOf>[number];

const written = (log: readonly Refusal[], form = iso): Written[] =>
  log.map(({ at, client }) => refused(at, client, form));

const zoneOf = (zone: string) => () => Zone.named(zone)!;

/** Whether the clocks of a zone show a time that they have shown before. */
function isSecond(at: number, zone: string): boolean {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return zoneOf(zone)().readings(at + offsetNanoseconds / 1e6)[0] !== at;
}

/** What a live run reports of a log whose times are in universal time, with a zone. */
function expected(t: TestContext, log: readonly Refusal[]) {
  const utc = reader(t, log[0]!.at - MINUTE);
  utc.live(written(log));
  return utc.end();
}

function check(property: (begin: number, zone: string, parts: [number, number][]) => void) {
  const begin = fc
    .tuple(fc.constantFrom(...Object.values(DATES)), fc.integer({ min: -180, max: 30 }))
    .map(([date, minutes]) => date + minutes * MINUTE);
  fc.assert(fc.property(begin, fc.constantFrom(...ZONES), steps, property), {
    seed: SEED,
    numRuns: RUNS,
  });
}

test('a backlog in any zone, over any change of it, gives the alerts of the same log in UTC', (t) => {
  check((begin, zone, parts) => {
    const log = logOf(begin, parts);
    // Of a log that begins in an hour that came before nobody knows which one it is.
    fc.pre(!isSecond(log[0]!.at, zone));
    const alerts = expected(t, log);
    const later = reader(t, log.at(-1)!.at + 30 * HOUR, { zoneOf: zoneOf(zone) });
    later.backlog(written(log, traditional(zone)), 7);
    assert.deepEqual(later.end(), alerts);
  });
});

test('a log in any zone, followed over any change of it, gives the alerts of the same log in UTC', (t) => {
  check((begin, zone, parts) => {
    const log = logOf(begin, parts);
    const alerts = expected(t, log);
    const live = reader(t, begin - MINUTE, { zoneOf: zoneOf(zone) });
    live.live(written(log, traditional(zone)));
    assert.deepEqual(live.end(), alerts);
  });
});

test('a log of any zone, followed without knowing that, gives the alerts of the same log in UTC', (t) => {
  check((begin, zone, parts) => {
    const log = logOf(begin, parts);
    const alerts = expected(t, log);
    const live = reader(t, begin - MINUTE, { zoneOf: zoneOf('Europe/Berlin') });
    live.live(written(log, traditional(zone)));
    assert.deepEqual(live.end(), alerts);
  });
});

test('a backlog of another zone, read without knowing that, keeps the distances of its times', (t) => {
  check((begin, zone, parts) => {
    const log = logOf(begin, parts);
    const alerts = expected(t, log);
    const off = log.map(({ at, client }) => ({ at, client }));
    const shift = 7 * HOUR;
    const later = reader(t, log.at(-1)!.at + 30 * HOUR, { zoneOf: zoneOf('UTC') });
    later.backlog(
      written(off, (at) => traditional('UTC')(at + shift)),
      7,
    );
    const reported = later.end().map(({ at, output }) => ({ at: at - shift, output }));
    assert.deepEqual(reported, alerts, zone);
  });
});
