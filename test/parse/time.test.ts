import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { datingBy, parseTime as readWhole, readTime } from '../../src/parse/time.ts';
import { Zone } from '../../src/text/zone.ts';

const parseTime = (text: string, at: number) => readWhole(text, datingBy(at));

const local = (...parts: [number, number, number, number, number, number]) =>
  new Date(...parts).getTime();
const now = local(2026, 10, 22, 22, 0, 0);

void test('a time without a year is in the year that puts it nearest, and not in the future', () => {
  assert.equal(parseTime('Nov 22 21:56:43', now), local(2026, 10, 22, 21, 56, 43));
  assert.equal(parseTime('Nov 23 21:56:43', now), local(2026, 10, 23, 21, 56, 43), 'a clock ahead');
  assert.equal(parseTime('Nov 24 21:56:43', now), local(2025, 10, 24, 21, 56, 43));
  const newYear = local(2026, 11, 31, 23, 59, 50);
  assert.equal(parseTime('Jan  1 00:00:01', newYear), local(2027, 0, 1, 0, 0, 1));
  assert.equal(
    parseTime('Dec 31 23:59:59', local(2027, 0, 1, 0, 0, 5)),
    local(2026, 11, 31, 23, 59, 59),
  );
});

void test('a leap day is in the last year that has one', () => {
  assert.equal(parseTime('Feb 29 23:59:59', now), local(2024, 1, 29, 23, 59, 59));
  assert.equal(parseTime('Feb 30 23:59:59', now), null);
});

void test('a year, a fraction and a zone count where they are given', () => {
  assert.equal(parseTime('Nov 22 2019 21:56:43', now), local(2019, 10, 22, 21, 56, 43));
  assert.equal(parseTime('Nov 22 21:56:43.250', now), local(2026, 10, 22, 21, 56, 43) + 250);
  assert.equal(parseTime('2026-11-22T21:56:43+05:30', now), Date.UTC(2026, 10, 22, 16, 26, 43));
  assert.equal(parseTime('2026-11-22 21:56:43', now), local(2026, 10, 22, 21, 56, 43));
  assert.equal(parseTime('1795386238.643906', now), 1_795_386_238_643);
});

void test('what is no time is none', () => {
  const texts = [
    '',
    'Nov',
    'Nov 32 00:00:00',
    'Abc 22 21:56:43',
    'Nov 22 24:00:00',
    'ovD 22 21:56:43',
  ];
  for (const text of [...texts, '2026-13-01T00:00:00Z', '2026-11-22T21:56:43Z and more']) {
    assert.equal(parseTime(text, now), null, text);
  }
});

void test('any time is read back from the form that RFC 3339 gives it', () => {
  const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(fc.property(date, (at) => parseTime(at.toISOString(), now) === at.getTime()));
});

/** RFC 3339 and its variants. */
const ISO =
  /^(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?( ?[+-]\d\d(?::?\d\d)?|Z)?:? +/;

/** When and where a time ends that an expression finds; null for a day that no calendar has. */
function byExpression(m: RegExpExecArray): { at: number; end: number } | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = m
    .slice(1, 7)
    .map(Number);
  const date = Date.UTC(year, month - 1, day);
  if (new Date(date).getUTCMonth() !== month - 1 || new Date(date).getUTCDate() !== day)
    return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const zone = m[8]?.trimStart() ?? 'Z';
  const sign = zone.startsWith('-') ? -1 : 1;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  const offset = zone === 'Z' ? 0 : sign * (hours * 60 + minutes) * 60_000;
  const millis = Math.floor(Number(`0.${m[7] ?? 0}`) * 1000);
  const at = date + ((hour * 60 + minute) * 60 + second) * 1000 + millis - offset;
  return { at, end: m[0].length };
}

void test('times like those of RFC 3339 are read as an expression reads them', () => {
  const dating = { now, zone: Zone.fixed(0), after: -Infinity };
  const like = fc.stringMatching(
    /^\d{4}[-/.][01]\d[-/.][0-3]\d[T ][0-2]\d:[0-6]\d:[0-6]\d([.,]\d{1,10})?( ?[-+]\d\d(:?\d\d)?|Z)?:? {1,2}[-+a0]$/,
  );
  const other = fc.constantFrom('', ' ', ':', '-', 'T', '5', 'x', '\u0663', null);
  fc.assert(
    fc.property(like, fc.nat(), other, (usual, at, sign) => {
      const from = at % usual.length;
      const text = sign === null ? usual : usual.slice(0, from) + sign + usual.slice(from + 1);
      const m = ISO.exec(text);
      assert.deepEqual(readTime(text, 0, dating), m && byExpression(m), text);
    }),
    { numRuns: 5000 },
  );
});
