import assert from 'node:assert/strict';
import test from 'node:test';
import { pino } from 'pino';
import { limitWarnings } from '../../src/host/limited-warnings.ts';

test('a warning is logged once a minute with a count, also when the clock is set back', () => {
  const lines: string[] = [];
  const write = (line: string) => {
    const { msg, alsoSinceLastSaid = 0 } = JSON.parse(line) as Record<string, string>;
    lines.push(`${msg} ${alsoSinceLastSaid}`);
  };
  let now = Date.UTC(2026, 10, 22);
  const warn = limitWarnings(pino({ base: null }, { write }), () => now);
  for (let second = 0; second < 90; second++, now += 1000) warn('store', 'cannot store');
  assert.deepEqual(lines, ['cannot store 0', 'cannot store 59']);
  now -= 365 * 86_400_000;
  warn('store', 'cannot store');
  warn('store', 'cannot store');
  assert.deepEqual(lines.slice(2), ['cannot store 29']);
});
