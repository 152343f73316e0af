import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hostname } from 'node:os';
import test from 'node:test';
import type { RuleConfig } from '../../src/result/rules-config.ts';
import { Queue } from '../../src/queue/queue.ts';
import { FOLD, given, newPipeline, waiting, type Given } from '../support/pipeline.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';

const AUTH = '/var/log/auth.log';
const SYSLOG = '/var/log/syslog';
const AT = new Date('2026-11-22T21:15:00.250Z');
const HOUR = Date.UTC(2026, 10, 22, 21);
const EVER = { since: 0, until: Infinity, host: null };
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
const LATER = () => AT.getTime() + 60_000;

/** Refusals of different clients, a second apart. */
const refusals = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    refusal(`192.0.2.${i + 1}`, 100 + i, new Date(AT.getTime() + i * 1000)),
  );
const xinetd = (message: string) => `${AT.toISOString()} gw xinetd[99]: ${message}`;

/** A denial as the verb denied leaves it. */
const LEFT = {
  at: AT.getTime(),
  host: 'gw',
  daemon: 'in.telnetd',
  client: '192.0.2.1',
  address: '192.0.2.1',
  user: null,
  pid: null,
  program: null,
  format: 'denied',
  count: 1,
};

/** A rule for clients, that says nothing but what is given. */
const rule = (client: string, says: Partial<RuleConfig>): RuleConfig => ({
  if: { daemon: [], client: [client], user: [], host: [], hour: [] },
  ignore: false,
  state: null,
  service: null,
  host: null,
  output: null,
  ...says,
});

/** A pipeline that has read its streams to their ends and follows them. */
function followed(...[t, streams, options]: Parameters<typeof given>): Given {
  const all = given(t, streams, { now: LATER, ...options });
  for (const stream of streams) all.pipeline.caughtUp(stream);
  return all;
}

function broken(): never {
  throw new Error('disk I/O error');
}

test('each refusal in two logs is counted once', (t) => {
  const { queue, pipeline, offer, results } = followed(t, [AUTH, SYSLOG], { now: LATER });
  offer(AUTH, refusals(3));
  offer(SYSLOG, refusals(4));
  assert.equal(queue.overview.totals()['denials'], 4);
  assert.deepEqual(
    queue.history.perHour(EVER).map((row) => ({ ...row })),
    [{ at: HOUR, denials: 4 }],
  );
  assert.equal(pipeline.state().denials, 4);
  assert.equal(results().length, 4);
});

test('the history has who was refused by what, in safe names, and which scans there were', (t) => {
  const { queue, pipeline } = given(t, [AUTH], { now: LATER });
  for (const [i, daemon] of ['sshd', 'vsftpd', 'in.telnetd'].entries())
    queue.inbox.leave({ ...LEFT, daemon, pid: i });
  queue.inbox.leave({ ...LEFT, client: '<b>evil\u202e</b>', address: null });
  pipeline.takeInbox();
  const shown = queue.history.most('client', EVER, 9).map(({ name }) => name);
  assert.deepEqual(shown, ['192.0.2.1', '_b_evil__/b_']);
  const [event] = queue.history.events(EVER, 9).newest;
  assert.equal(event?.kind, 'scan');
  assert.match(event?.text ?? '', /^Port scan from 192\.0\.2\.1: refused by sshd, vsftpd/);
});

test('a line from a clock that is ahead is counted as of now', (t) => {
  const { queue, offer } = followed(t, [AUTH], { now: () => AT.getTime() - 3 * 3_600_000 });
  offer(AUTH, refusals(2));
  assert.deepEqual(
    queue.history.perHour(EVER).map((row) => ({ ...row })),
    [{ at: HOUR - 3 * 3_600_000, denials: 2 }],
  );
});

test("xinetd's two lines for one refusal are counted once", (t) => {
  const { queue, offer } = followed(t, [SYSLOG]);
  offer(SYSLOG, [
    xinetd('libwrap refused connection to telnet (libwrap=in.telnetd) from ::ffff:192.0.2.1'),
  ]);
  offer(SYSLOG, [xinetd('FAIL: telnet libwrap from=::ffff:192.0.2.1')]);
  assert.equal(queue.overview.totals()['denials'], 1);
});

test('repeats that syslog counted are counted as so many, also over blocks', (t) => {
  const { queue, offer } = followed(t, [AUTH]);
  const [first = ''] = refusals(1);
  offer(AUTH, [first, `2026-11-22T21:15:05Z ${hostname()} last message repeated 3 times`]);
  offer(AUTH, [first]);
  offer(AUTH, [`2026-11-22T21:15:09Z ${hostname()} last message repeated 2 times`]);
  offer(AUTH, [first.replace(/refused.*$/, 'message repeated 4 times: [ $&]')]);
  assert.equal(queue.overview.totals()['denials'], 1 + 3 + 1 + 2 + 4);
});

test('a block that could not be stored and is offered again is counted once', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const { queue, pipeline, offer, results } = followed(t, [AUTH, SYSLOG], { path, now: LATER });
  offer(AUTH, refusals(1));
  // The last that a transaction writes is what fails.
  const other = new DatabaseSync(path);
  other.exec("CREATE TRIGGER full BEFORE INSERT ON result BEGIN SELECT RAISE(ABORT, 'full'); END");
  const again = `2026-11-22T21:15:05Z ${hostname()} last message repeated 3 times`;
  assert.throws(() => offer(AUTH, [again, ...refusals(3)]), /full/);
  assert.deepEqual(pipeline.positionOf(AUTH), { lines: 1 });
  assert.equal(queue.overview.totals()['denials'], 1);
  other.exec('DROP TRIGGER full');
  other.close();
  offer(AUTH, [again, ...refusals(3)]);
  offer(SYSLOG, refusals(3));
  assert.deepEqual(
    queue.history.perHour(EVER).map((row) => ({ ...row })),
    [{ at: HOUR, denials: 7 }],
  );
  assert.equal(queue.overview.totals()['denials'], 7);
  assert.equal(pipeline.state().denials, 7);
  assert.equal(results().length, 3);
});

test('to find the queue locked is no progress for the watchdog, to find its disk full is', (t) => {
  const { queue, pipeline, offer } = followed(t, [AUTH]);
  offer(AUTH, refusals(1));
  const { handled } = pipeline.state();
  const failing = (errcode: number) =>
    t.mock.method(queue, 'store', () => {
      throw Object.assign(new Error('from SQLite'), { errcode });
    });
  for (const [code, progress] of [
    [5, 0],
    [13, 1],
  ] as const) {
    const store = failing(code);
    assert.throws(() => offer(AUTH, refusals(2)), /from SQLite/);
    store.mock.restore();
    assert.equal(pipeline.state().handled, handled + progress, `code ${code}`);
  }
});

test('a queue that cannot even be read when storing fails is read when it can', (t) => {
  const { queue, pipeline, offer } = followed(t, [AUTH]);
  offer(AUTH, refusals(2));
  const store = t.mock.method(queue, 'store', broken);
  const folds = t.mock.method(queue, 'folds', broken);
  assert.throws(() => offer(AUTH, refusals(2)), /disk I\/O error/);
  assert.throws(() => offer(AUTH, refusals(2)), /disk I\/O error/);
  store.mock.restore();
  folds.mock.restore();
  offer(AUTH, refusals(2));
  assert.equal(queue.overview.totals()['denials'], 4);
  assert.equal(pipeline.state().open, 2);
});

test('the position moves with the denials before it, and survives with them', (t) => {
  const path = join(tempDir(t), 'queue.db');
  const { queue, offer } = given(t, [AUTH], { path });
  offer(AUTH, ['one line', ...refusals(2), 'and another']);
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 4 });
  const restarted = newPipeline(queue, [AUTH]);
  t.after(() => restarted.close());
  assert.deepEqual(restarted.positionOf(AUTH), { lines: 4 });
});

test('a stream that is read for the first time has its place stored at once', (t) => {
  const { queue, offer } = given(t, [AUTH]);
  offer(AUTH, ['nothing of note']);
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 1 });
});

test('lines without a denial store nothing until a denial does or half a minute is over', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { queue, pipeline, offer } = given(t, [AUTH, SYSLOG]);
  offer(AUTH, ['the first line']);
  offer(SYSLOG, ['the first line']);
  const store = t.mock.method(queue, 'store');
  offer(AUTH, ['nothing of note']);
  offer(AUTH, ['nothing again']);
  t.mock.timers.tick(29_999);
  assert.equal(store.mock.callCount(), 0);
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 1 });
  assert.deepEqual(pipeline.positionOf(AUTH), { lines: 3 });
  t.mock.timers.tick(1);
  assert.equal(store.mock.callCount(), 1);
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 3 });

  offer(AUTH, ['nothing of note']);
  offer(SYSLOG, refusals(1));
  assert.equal(store.mock.callCount(), 2);
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 4 });
  t.mock.timers.tick(60_000);
  assert.equal(store.mock.callCount(), 2);
});

test('of 3,000 logs a denial in one saves the places of a few, and all are saved half a minute later', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const logs = Array.from({ length: 3000 }, (_, i) => `/var/log/remote/web${i}/auth.log`);
  const { queue, pipeline, offer } = given(t, [AUTH, ...logs]);
  for (const log of [AUTH, ...logs]) offer(log, ['the first line']);
  for (const log of logs) offer(log, ['nothing of note']);
  const saved = () => logs.filter((log) => queue.position(log)?.position['lines'] === 2).length;
  offer(AUTH, refusals(1));
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 2 });
  assert.ok(saved() > 0 && saved() < 100, `${saved()} places`);
  for (const ms of [30_000, 100, 100]) t.mock.timers.tick(ms);
  assert.equal(saved(), 3000);

  for (const log of logs) offer(log, ['nothing of note']);
  pipeline.close();
  assert.ok(logs.every((log) => queue.position(log)?.position['lines'] === 3));
});

test('what is not saved yet is saved when the pipeline is closed', (t) => {
  const { queue, pipeline, offer } = given(t, [AUTH]);
  offer(AUTH, ['nothing of note']);
  pipeline.close();
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 1 });
});

test('a position that could not be saved is saved when it can', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { queue, offer } = given(t, [AUTH]);
  offer(AUTH, ['the first line']);
  const store = t.mock.method(queue, 'store', broken);
  offer(AUTH, ['nothing of note']);
  t.mock.timers.tick(30_000);
  store.mock.restore();
  t.mock.timers.tick(5000);
  assert.deepEqual(queue.position(AUTH)?.position, { lines: 2 });
});

test('denials that another process left are taken once', (t) => {
  const { queue, pipeline, results } = given(t, [AUTH]);
  queue.inbox.leave(LEFT);
  pipeline.takeInbox();
  pipeline.takeInbox();
  assert.equal(queue.overview.totals()['denials'], 1);
  assert.deepEqual(
    results().map(({ output }) => output),
    ['Denied in.telnetd-192.0.2.1'],
  );
});

test('what a rule ignores is counted once, and makes no alert, no window and no scan', (t) => {
  const rules = [rule('192.0.2.0/24', { ignore: true })];
  const { queue, pipeline, offer, results } = followed(t, [AUTH, SYSLOG], { rules });
  const one = refusal('198.51.100.1', 99, AT);
  offer(AUTH, [...refusals(9), one]);
  offer(SYSLOG, [...refusals(9), one]);
  const { denials, ignored, alerts } = queue.overview.totals();
  assert.deepEqual({ denials, ignored, alerts }, { denials: 10, ignored: 9, alerts: 1 });
  assert.equal(pipeline.state().open, 0);
  assert.deepEqual(
    results().map(({ output }) => output),
    ['Denied sshd-198.51.100.1'],
  );
});

test('a rule sets state, names and text of a denial and of its repeats', (t) => {
  const settings = { state: 1, service: 'Known', host: 'other', output: '{client} again' } as const;
  const rules = [rule('192.0.2.2', settings), rule('192.0.2.*', { state: 3 })];
  const { pipeline, offer, results } = followed(t, [AUTH], { rules });
  offer(AUTH, [...refusals(2), ...refusals(2)]);
  pipeline.closeWindows();
  assert.deepEqual(
    results().map((one) => [one.host, one.service, one.state, one.output]),
    [
      ['firestorm', 'TCP Wrappers', 3, 'Denied sshd-192.0.2.1'],
      ['other', 'Known', 1, '192.0.2.2 again'],
      ['firestorm', 'TCP Wrappers', 3, 'Denied sshd-192.0.2.1 (1 more in 60s)'],
      ['other', 'Known', 1, '192.0.2.2 again (1 more in 60s)'],
    ],
  );
});

test('a rule for a client or its network is for its scans too, and none is for a storm', (t) => {
  const rules = [rule('192.0.2.0/24', { state: 1 })];
  const fold = { ...FOLD, storm: { alerts: 10, every: 60_000 } };
  const { pipeline, offer, results } = followed(t, [AUTH], { rules, fold });
  const scanner = ['sshd', 'vsftpd', 'in.telnetd'].map((daemon) =>
    refusal('192.0.2.1', 99, AT).replace('sshd', daemon),
  );
  const others = [1, 2, 3].map((n) => refusal(`198.51.100.${n}`, n, AT));
  offer(AUTH, [...scanner, ...refusals(8), ...others]);
  pipeline.closeWindows();
  assert.deepEqual(
    results().map(({ state, output }) => `${state} ${output.split(':', 1)[0]}`),
    [
      '1 Denied sshd-192.0.2.1',
      '1 Denied vsftpd-192.0.2.1',
      '1 Port scan from 192.0.2.1',
      ...[2, 3, 4, 5, 6, 7].map((n) => `1 Denied sshd-192.0.2.${n}`),
      '1 Scan from 192.0.2.0/24',
      '2 Denied 4 connections from 4 clients to 1 daemon in 119s',
    ],
  );
});

test('a clock that is set back: what was counted is reported at once, and folding goes on', (t) => {
  let now = AT.getTime();
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now });
  const { pipeline, offer, results } = given(t, [AUTH], { now: () => now });
  const refuse = () => {
    offer(AUTH, [refusal('192.0.2.1', 1, new Date(now))]);
    pipeline.caughtUp(AUTH);
  };
  const outputs = () => results().map(({ output }) => output.replace('Denied sshd-', ''));
  refuse();
  refuse();
  assert.deepEqual([outputs(), pipeline.state().open], [['192.0.2.1'], 1]);
  now -= 365 * 24 * 3_600_000;
  refuse();
  assert.equal(pipeline.state().open, 0);
  assert.deepEqual(outputs(), ['192.0.2.1', '192.0.2.1 (2 more in 60s)']);
  refuse();
  refuse();
  now += 62_000;
  pipeline.caughtUp(AUTH);
  assert.deepEqual(outputs().slice(2), ['192.0.2.1', '192.0.2.1 (1 more in 60s)']);
});

test('a clock that was a year ahead before the start silences nothing after it', (t) => {
  let now = AT.getTime() + 365 * 24 * 3_600_000;
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now });
  const path = join(tempDir(t), 'queue.db');
  const streams = [AUTH, SYSLOG];
  const bounds = { keep: Infinity, results: 100_000, size: 1 << 30 };
  const queue = new Queue(path, { bounds, now: () => now });
  t.after(() => queue.close());
  const run = (lines: () => Iterable<string>) => {
    const pipeline = newPipeline(queue, streams, { now: () => now });
    for (const stream of streams) {
      pipeline.positionOf(stream);
      pipeline.caughtUp(stream);
    }
    for (const line of lines()) {
      pipeline.take({ stream: AUTH, bytes: Buffer.from(`${line}\n`), position: {} });
      pipeline.caughtUp(AUTH);
    }
    const { open } = pipeline.state();
    pipeline.close();
    return open;
  };
  run(() => [refusal('192.0.2.1', 1, new Date(now))]);
  // The alert is long ago, as the monitor sees it.
  now += HOUR_MS;
  assert.equal(queue.afterQuiet(HOUR_MS / 2, []), true);
  now = AT.getTime();
  const open = run(function* () {
    for (let n = 0; n < 100; n++) {
      now += 2 * MINUTE_MS;
      yield refusal(`198.51.100.${n}`, 100 + n, new Date(now));
    }
  });
  assert.equal(open, 0);
  assert.equal(waiting(queue).length, 101);
});
