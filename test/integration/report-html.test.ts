/** The page of `denywatch report --html` in a real browser, with names made to break out of it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { groupKey, HOUR, type HistoryEvent } from '../../src/queue/history.ts';
import { Queue } from '../../src/queue/queue.ts';
import { denywatch, writeConfig } from '../support/agent.ts';
import { browser } from '../support/browser.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';

const OWN = 'document.title="owned"';
const HOSTILE = [
  `<script>${OWN}</script>`,
  `"><img src="http://127.0.0.1:9/" onerror='${OWN}'>`,
  `</title></style></table><svg onload='${OWN}'>`,
  '<style>*{display:none}</style><link rel=stylesheet href=http://127.0.0.1:9/>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<base href=http://127.0.0.1:9/><iframe src=javascript:alert(1)>',
  '&lt;b&gt;',
  '${7*7}{{7*7}}',
  'cod.\u202Egnp.exe',
  '\u001B[31mred\u0007',
  'x'.repeat(127),
  `2001:db8:${'1234:'.repeat(5)}1234`,
];

/** An hour of everybody, for a week; the names straight into the history, past their cleaning. */
function fill(path: string, names: readonly string[]): void {
  const queue = new Queue(path, { bounds: { results: 10, size: 1e9, keep: 1e12 } });
  const now = Date.now();
  for (let at = now; at > now - 7 * 24 * HOUR; at -= 5 * HOUR) {
    const groups = new Map(
      names.map((name, i) => {
        const daemon = names[(i + 1) % names.length]!;
        return [groupKey(at, names[(i + 2) % names.length]!, daemon), new Map([[name, 1 + i]])];
      }),
    );
    const events = names.map((name): HistoryEvent => ({
      at,
      kind: 'scan',
      host: name,
      text: name,
      denials: 1,
    }));
    const happened = {
      minutes: new Map<number, number>(),
      groups,
      events,
      unseen: [],
      brought: new Map(),
    };
    const rest = {
      positions: [],
      folds: [],
      results: [],
      alerts: 0,
      ignored: 0,
      reported: 0,
      inbox: [],
    };
    queue.store({ ...rest, denials: 1, happened });
  }
  queue.close();
}

const TEXT = 'document.body.innerText';
const COLOURS =
  '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]';
const OVERFLOW = `[...document.querySelectorAll('main *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 80))`;

/** Contrast of two colours as WCAG 2 has it, 1 to 21. */
function contrast(colours: readonly string[]): number {
  const [a = 0, b = 0] = colours.map((colour) => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

test('hostile names are text in the page, and nothing else', needs('chromium'), async (t) => {
  const dir = tempDir(t);
  const config = writeConfig(dir, { sources: [{ file: 'auth.log' }] });
  fill(join(dir, 'queue.db'), HOSTILE);
  const file = join(dir, 'report.html');
  const verb = denywatch(t, 'report', '--config', config, '--html', file);
  assert.equal(await verb.end(), 0, verb.stderr());

  const page = await browser(t);
  for (const scheme of ['light', 'dark'] as const) {
    await page.show(file, { width: 1100, scheme });
    assert.match(await page.ask<string>('document.title'), /^[\d,]+ refused connections, /);
    assert.deepEqual(page.requests(), [`file://${file}`]);
    assert.deepEqual(page.complaints(), []);
    assert.equal(await page.ask('document.scripts.length'), 0);
    assert.equal(await page.ask(`document.querySelectorAll('img,iframe,link,base').length`), 0);
    const text = await page.ask<string>(TEXT);
    for (const name of HOSTILE.slice(0, 8)) assert.ok(text.includes(name), `${name} is not shown`);
    assert.ok(text.includes('cod.?gnp.exe'));
    assert.ok(contrast(await page.ask<string[]>(COLOURS)) >= 7);
  }
  const dark = await page.ask<string[]>(COLOURS);
  await page.show(file, { width: 1100, scheme: 'dark', media: 'print' });
  assert.notDeepEqual(await page.ask(COLOURS), dark);
});

test('the page is no wider than a phone, whatever the names', needs('chromium'), async (t) => {
  const dir = tempDir(t);
  const config = writeConfig(dir, { sources: [{ file: 'auth.log' }] });
  const file = join(dir, 'report.html');
  fill(join(dir, 'queue.db'), HOSTILE);
  const page = await browser(t);
  for (const since of ['7d', '30d', '400d', '20h']) {
    const args = ['--config', config, '--since', since, '--html', file];
    assert.equal(await denywatch(t, 'report', ...args).end(), 0);
    for (const width of [360, 700, 1100]) {
      await page.show(file, { width });
      assert.deepEqual(await page.ask(OVERFLOW), [], `${since}, ${width} pixels`);
      assert.equal(await page.ask('document.documentElement.scrollWidth'), width);
    }
  }
  // A page that is too wide is noticed.
  const wide = readFileSync(file, 'utf8').replace('<main>', '<main><pre>'.concat('x'.repeat(200)));
  writeFileSync(file, wide);
  await page.show(file, { width: 360 });
  assert.notEqual(await page.ask('document.documentElement.scrollWidth'), 360);
});

test('every chart has its figures in a table, and a name', needs('chromium'), async (t) => {
  const dir = tempDir(t);
  const config = writeConfig(dir, { sources: [{ file: 'auth.log' }] });
  const file = join(dir, 'report.html');
  fill(join(dir, 'queue.db'), ['192.0.2.1', '192.0.2.2']);
  assert.equal(await denywatch(t, 'report', '--config', config, '--html', file).end(), 0);
  const page = await browser(t);
  await page.show(file, { width: 1100 });
  const charts = await page.ask<{ name: string; bars: number; rows: number }[]>(
    `[...document.querySelectorAll('.chart')].map((one) => ({
      name: one.querySelector('svg[role=img]').getAttribute('aria-label'),
      bars: one.querySelectorAll('g').length,
      rows: one.querySelectorAll('tbody tr').length,
    }))`,
  );
  assert.deepEqual(
    charts.map(({ name }) => name.split('.')[0]),
    ['Day by day', 'By hour of the day', 'By weekday'],
  );
  assert.deepEqual(
    charts.map(({ bars }) => bars),
    [8, 24, 7],
  );
  for (const { bars, rows } of charts) assert.equal(bars, rows);
});

test('a time without a refusal is a page that says so', needs('chromium'), async (t) => {
  const dir = tempDir(t);
  const config = writeConfig(dir, { sources: [{ file: 'auth.log' }] });
  const file = join(dir, 'report.html');
  fill(join(dir, 'queue.db'), []);
  assert.equal(await denywatch(t, 'report', '--config', config, '--html', file).end(), 0);
  const page = await browser(t);
  await page.show(file, { width: 360 });
  assert.match(await page.ask<string>(TEXT), /No connection was refused/);
  assert.match(await page.ask<string>(TEXT), /The history is empty/);
  assert.equal(await page.ask(`document.querySelectorAll('svg').length`), 0);
});
