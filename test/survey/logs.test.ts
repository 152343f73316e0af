import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { bestSources, findLogs, type FoundLog } from '../../src/survey/logs.ts';
import { linesFor, unread } from '../../src/survey/first-run.ts';
import type { Config } from '../../src/agent/config.ts';
import { tempDir } from '../support/temp.ts';

const refusal = (minute: number) =>
  `2026-11-22T21:${minute}:00Z gw sshd[7]: refused connect from 192.0.2.9 (192.0.2.9)\n`;
const OTHER = '2026-11-22T21:56:42Z gw sshd[17]: Server listening on :: port 22.\n';

function directory(t: TestContext, files: Record<string, string>): string {
  const dir = tempDir(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const found = (stream: string, refusals: number, problem: string | null = null): FoundLog => ({
  stream,
  refusals,
  last: null,
  written: null,
  problem,
});

const file = (path: string) => ({ kind: 'file', path }) as Config['sources'][number];

test('logs with refusals are found by what is in them; the usual ones are shown in any case', async (t) => {
  const dir = directory(t, {
    syslog: OTHER,
    'auth.log': OTHER + refusal(10) + refusal(11),
    'other.log': refusal(12),
    'empty.log': OTHER,
    'auth.log.2.gz': refusal(9),
    wtmp: refusal(9),
  });
  assert.deepEqual(
    (await findLogs(dir)).map((log) => ({ ...log, written: null })),
    [
      {
        stream: join(dir, 'auth.log'),
        refusals: 2,
        last: Date.parse('2026-11-22T21:11:00Z'),
        problem: null,
        written: null,
      },
      { stream: join(dir, 'syslog'), refusals: 0, last: null, problem: null, written: null },
      {
        stream: join(dir, 'other.log'),
        refusals: 1,
        last: Date.parse('2026-11-22T21:12:00Z'),
        problem: null,
        written: null,
      },
    ],
  );
});

test('a log that was rotated just now is known by the one before it', async (t) => {
  const dir = directory(t, { 'auth.log': '', 'auth.log.1': refusal(10) });
  assert.deepEqual(
    (await findLogs(dir)).map(({ stream, refusals }) => [stream, refusals]),
    [[join(dir, 'auth.log'), 1]],
  );
});

test('of a big log the end is looked at, from the beginning of a line', async (t) => {
  const dir = directory(t, { 'auth.log': refusal(10) + OTHER.repeat(80_000) + refusal(11) });
  assert.equal((await findLogs(dir))[0]?.refusals, 1);
});

test('no directory, no logs', async () => {
  assert.deepEqual(await findLogs('/nonexistent'), []);
});

const written = (log: FoundLog, at: number) => ({ ...log, written: at });

test('the best sources: usual logs and those with refusals, as long as they are written to', () => {
  const [auth, syslog] = [found('/l/auth.log', 0), found('/l/syslog', 2)];
  const [other, secret] = [found('/l/x.log', 0), found('/l/x', 0, 'EACCES')];
  const journal = (refusals: number) => found('journal', refusals);
  // The first refusal of tcpd comes where there is none yet.
  assert.deepEqual(bestSources([auth, syslog, other], journal(9)), [auth, syslog]);
  assert.deepEqual(bestSources([auth, secret], journal(0)), [auth]);
  assert.deepEqual(bestSources([auth, secret], journal(9)), [auth, journal(9)]);
  assert.deepEqual(bestSources([], journal(0)), [journal(0)]);
});

test('of an old log and a journal that is written now, the journal is read', () => {
  const day = 86_400_000;
  const old = written(found('/l/auth.log', 7), 10 * day);
  const journal = written(found('journal', 0), 100 * day);
  assert.deepEqual(bestSources([old], journal), [journal]);
  assert.deepEqual(bestSources([written(old, 99 * day)], journal), [written(old, 99 * day)]);
});

test('what no source reads is reported; the journal stands for the files of syslog, and they for it', async () => {
  const journal = {
    kind: 'journal',
    units: [],
    identifiers: [],
    directory: null,
    namespace: null,
  } as unknown as Config['sources'][number];
  const logs = [found('/l/auth.log', 1), found('/l/syslog', 2), found('journal', 3)];
  const streams = (sources: Config['sources'], from = logs) =>
    unread(sources, from).map(({ stream }) => stream);
  assert.deepEqual(streams([file('/l/auth.log')]), ['/l/syslog']);
  assert.deepEqual(streams([file('/l/*')]), []);
  assert.deepEqual(streams([journal]), []);
  assert.deepEqual(streams([file('/l/auth.log')], [found('/l/auth.log', 0), found('journal', 3)]), [
    'journal',
  ]);
});

test('refusals of which only the journal has the newest are in no file', () => {
  const logs = [
    { ...found('/l/auth.log', 1), last: 0 },
    { ...found('journal', 2), last: 86_400_000 },
  ];
  assert.deepEqual(
    unread([file('/l/auth.log')], logs).map(({ stream }) => stream),
    ['journal'],
  );
});

test('the lines to paste are YAML, whatever a log is called', async () => {
  assert.deepEqual(linesFor([found('/var/log/a: #b.log', 1), found('journal', 0)]), [
    '  - file: "/var/log/a: #b.log"   # 1 refusal',
    '  - journal: {}   # no refusal yet',
  ]);
});

test('a FIFO that has the name of a rotated log holds nobody up', async (t) => {
  const dir = directory(t, { 'auth.log': refusal(10) });
  execFileSync('mkfifo', [join(dir, 'auth.log.1')]);
  assert.equal((await findLogs(dir))[0]?.refusals, 1);
});
