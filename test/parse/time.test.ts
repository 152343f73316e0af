import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from '../support/fast-check.ts';
import { datingBy, parseTime as readWhole } from '../../src/parse/time.ts';

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
