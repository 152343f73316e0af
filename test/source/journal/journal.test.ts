import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import type { JournalSettings } from '../../../src/source/journal/config.ts';
import { openJournalSource, type Rounds } from '../../../src/source/journal/journal.ts';
import type { JournalOptions } from '../../../src/source/journal/reader.ts';
import type { Position, Source, Taker } from '../../../src/source/source.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/until.ts';

/**
 * A `journalctl` on PATH that reads records from a file and shows the faults that a test writes
 * into a shell snippet. It knows `-n 1`, `--cursor=` and `-f`; for `--until=` the journal ends with
 * `entries.then`, where a test has written that.
 */
const FAKE = `#!/bin/sh
dir=\${0%/*}; cursor= follow= one=
for arg; do case $arg in --cursor=*) cursor=\${arg#*=};; -f) follow=1;; 1) one=1;; esac; done
echo "$*" >> $dir/calls
[ -e $dir/fault ] && . $dir/fault
line=1
[ -n "$cursor" ] && line=$(grep -n -F "$cursor" $dir/entries | cut -d: -f1)
[ -n "$cursor" ] && [ -z "$line" ] && line=\${gone_line:-1000000}
case $* in *--until*) [ -e $dir/entries.then ] && exec tail -n 1 $dir/entries.then;; esac
if [ -n "$one" ] && [ -z "$cursor" ]; then exec tail -n 1 $dir/entries; fi
if [ -n "$one" ]; then tail -n +$line $dir/entries | head -n 1; exit; fi
exec tail -n +$line \${follow:+-f -s 0.05} $dir/entries
`;

const START = Date.UTC(2026, 10, 22) * 1000;
const cursor = (index: number, sequence = 'a') =>
  `s=${sequence};i=${index};b=b0;m=${index};t=${(START + index * 1e6).toString(16)};x=${index}`;
const record = (index: number, message = `line ${index}`, fields: object = {}) =>
  JSON.stringify({ __CURSOR: cursor(index), MESSAGE: message, ...fields }) + '\n';

/** Sources that the test has opened. */
const opened: Source[] = [];

/** A folder on PATH. Hooks run in the order they were set: the sources stop before it goes. */
function pathDir(t: TestContext): string {
  t.after(() => Promise.all(opened.splice(0).map((source) => source.stop())));
  const dir = tempDir(t);
  const path = process.env['PATH'];
  process.env['PATH'] = `${dir}:${path}`;
  t.after(() => (process.env['PATH'] = path));
  return dir;
}

function fakeJournal(t: TestContext) {
  const dir = pathDir(t);
  writeFileSync(join(dir, 'journalctl'), FAKE);
  chmodSync(join(dir, 'journalctl'), 0o755);
  writeFileSync(join(dir, 'entries'), '');
  writeFileSync(join(dir, 'calls'), '');
  return {
    log: (...records: string[]) => appendFileSync(join(dir, 'entries'), records.join('')),
    fault: (shell: string) => writeFileSync(join(dir, 'fault'), shell),
    calls: () => readFileSync(join(dir, 'calls'), 'utf8').split('\n').slice(0, -1),
  };
}

/** An agent that remembers what it was given. */
function recorder(position?: Position) {
  const got = {
    messages: [] as unknown[],
    lost: [] as string[],
    warned: [] as string[],
    caughtUp: 0,
    position,
    fail: 0,
  };
  const log = pino(
    { base: null },
    { write: (line) => void got.warned.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const taker: Taker = {
    positionOf: () => got.position,
    peek: () => got.position,
    take: ({ bytes, position: place }) => {
      if (got.fail-- > 0) throw new Error('the disk is full');
      for (const line of bytes.toString().split('\n').slice(0, -1))
        got.messages.push((JSON.parse(line) as { MESSAGE: unknown }).MESSAGE);
      got.position = place;
    },
    begin: () => {},
    caughtUp: () => void got.caughtUp++,
    unreadable: () => {},
    gone: () => {},
    lost: (_stream, what) => void got.lost.push(what),
    log,
  };
  return { got, taker };
}

function open(
  taker: Taker,
  options: JournalOptions = {},
  config: Partial<JournalSettings> = {},
  rounds?: Rounds,
) {
  const source = openJournalSource(
    {
      kind: 'journal',
      from: null,
      identifiers: [],
      units: [],
      directory: null,
      namespace: null,
      machine: 'own',
      ...config,
    },
    taker,
    options,
    rounds,
  );
  opened.push(source);
  return source;
}

const has = (got: { messages: unknown[] }, ...messages: unknown[]) =>
  until(`${messages.join(', ')} among ${got.messages.join(', ')}`, () =>
    messages.every((message) => got.messages.includes(message)),
  );

void test('a first start begins at the end, and remembers at once where that was', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1), record(2));
  const { got, taker } = recorder();
  const source = open(taker);
  await source.drained();
  assert.deepEqual(got.messages, []);
  assert.deepEqual(got.position, { version: 1, cursor: cursor(2) });
  journal.log(record(3));
  await has(got, 'line 3');
  assert.deepEqual(got.messages, ['line 3']);
  assert.deepEqual(got.position, { version: 1, cursor: cursor(3) });
});

void test('what comes between a first start and the first answer of journalctl is read', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1), record(2));
  journal.fault(
    `if [ ! -e $dir/entries.then ]; then cp $dir/entries $dir/entries.then; echo '${record(3).trim()}' >> $dir/entries; fi`,
  );
  const { got, taker } = recorder();
  await open(taker).drained();
  assert.deepEqual(got.messages, ['line 3']);
  assert.match(journal.calls().join('\n'), /-n 1 .*-r --until=@\d+\.\d{3}/);
});

void test('an entry that journalctl does not show while it follows is read two seconds later', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1));
  journal.fault(
    `[ -n "$follow" ] && { [ -e $dir/was ] || echo '${record(2).trim()}' >> $dir/entries; touch $dir/was; exec sleep 600; }`,
  );
  const { got, taker } = recorder();
  open(taker);
  await has(got, 'line 2');
  assert.deepEqual(got.messages, ['line 2']);
});

void test('an entry that journalctl does not show is read when the journal has changed and is quiet', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(`[ -n "$follow" ] && exec sleep 600`);
  journal.log(record(1));
  const directory = tempDir(t);
  const machine = join(directory, 'machine');
  mkdirSync(machine);
  const { got, taker } = recorder();
  open(taker, {}, { directory }, { follow: [600_000], quiet: 20, apart: 0 });
  const follows = () => journal.calls().filter((call) => call.split(' ').includes('-f')).length;
  await until('journalctl to follow', () => follows() === 1);
  journal.log(record(2));
  writeFileSync(join(machine, 'system.journal'), '');
  await has(got, 'line 2');
  assert.deepEqual(got.messages, ['line 2']);
  await until('journalctl to follow again', () => follows() >= 2);
});

/** As journalctl does where it cannot open a file: it says so, reads the others, and ends well. */
const LEFT_OUT = `left_out() { grep -v '"i":0' $dir/entries > $dir/rest;
  echo 'Journal file /j/system.journal is truncated, ignoring file.' >&2
  [ -n "$one" ] && exec tail -n 1 $dir/rest; exec cat $dir/rest; }\n`;

void test('a file that journalctl cannot open for a moment is read from the same place', async (t) => {
  const journal = fakeJournal(t);
  const { got, taker } = recorder({ cursor: cursor(1) });
  journal.log(record(1), record(2, 'line 2', { i: 0 }), record(3));
  // A journalctl that looks for one entry finds it; the first one that reads all leaves the file out.
  journal.fault(`${LEFT_OUT}[ -z "$one" ] && [ ! -e $dir/was ] && { touch $dir/was; left_out; }`);
  await open(taker, { once: true }).drained();
  assert.deepEqual(got.messages, ['line 3', 'line 2']);
  assert.deepEqual(got.lost, []);
});

void test('a file that journalctl can never open is reported once, and the others are read', async (t) => {
  const journal = fakeJournal(t);
  const { got, taker } = recorder();
  journal.log(record(1), record(2, 'line 2', { i: 0 }), record(3));
  journal.fault(`${LEFT_OUT}left_out`);
  const source = open(taker, { once: true });
  await source.drained();
  await source.drained();
  assert.deepEqual(got.messages, ['line 1', 'line 3']);
  assert.deepEqual(got.lost, [
    'journalctl cannot open a file of the journal and does not read it: Journal file /j/system.journal is truncated',
  ]);
});

void test('a first start from the start reads all, then what comes', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1), record(2));
  const { got, taker } = recorder();
  const source = open(taker, {}, { from: 'start' });
  await source.drained();
  journal.log(record(3));
  await has(got, 'line 3');
  assert.deepEqual(got.messages, ['line 1', 'line 2', 'line 3']);
  assert.ok(got.caughtUp > 0);
});

void test('a first start in an empty journal misses nothing that comes later', async (t) => {
  const journal = fakeJournal(t);
  const { got, taker } = recorder();
  const source = open(taker);
  await source.drained();
  journal.log(record(1));
  await source.drained();
  assert.deepEqual(got.messages, ['line 1']);
});

void test('once reads all that is there and follows nothing', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1), record(2));
  const { got, taker } = recorder();
  const source = open(taker, { once: true });
  await source.drained();
  await source.stop();
  assert.deepEqual(got.messages, ['line 1', 'line 2']);
  assert.ok(journal.calls().every((call) => !call.split(' ').includes('-f')));
});

void test('a restart goes on after the saved cursor', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1), record(2), record(3));
  const { got, taker } = recorder({ cursor: cursor(2) });
  await open(taker).drained();
  assert.deepEqual(got.messages, ['line 3']);
  assert.deepEqual(got.lost, []);
});

void test('an entry that journald flushed to another file is not read twice', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1), record(2), record(1), record(3));
  const { got, taker } = recorder();
  await open(taker, {}, { from: 'start' }).drained();
  assert.deepEqual(got.messages, ['line 1', 'line 2', 'line 3']);
});

void test('where nothing matched, a round moves the place to the newest entry', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(`[ -z "$one" ] && exec true`);
  journal.log(record(1), record(2));
  const { got, taker } = recorder({ cursor: cursor(1) });
  await open(taker, { once: true }).drained();
  assert.deepEqual(got.messages, []);
  assert.deepEqual(got.position, { version: 1, cursor: cursor(2) });
});

void test('a block that was not taken is offered again', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1));
  const { got, taker } = recorder();
  got.fail = 1;
  await open(taker, { once: true }).drained();
  assert.deepEqual(got.messages, ['line 1']);
});

void test('a journalctl that dies is started again from the cursor, and said once', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(`[ -n "$follow" ] && echo 'Failed to iterate: Bad message' >&2 && exit 1`);
  journal.log(record(1));
  const { got, taker } = recorder();
  const source = open(taker, {}, { from: 'start' });
  await until(
    'two deaths',
    () => journal.calls().filter((call) => call.split(' ').includes('-f')).length > 1,
  );
  journal.log(record(2));
  journal.fault('');
  await has(got, 'line 2');
  assert.deepEqual(got.messages, ['line 1', 'line 2']);
  assert.equal(got.warned.length, 1);
  assert.match(got.warned[0] ?? '', /journalctl ended with 1: Failed to iterate: Bad message/);
  await until('the problem to be over', () => source.streams()[0]?.problem === null);
});

void test('a journalctl without pattern matching or field selection is used without', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(`for arg; do case $arg in
    --grep=*) echo 'Compiled without pattern matching support' >&2; exit 1;;
    --output-fields=*) echo "journalctl: unrecognized option '$arg'" >&2; exit 1;; esac; done`);
  journal.log(record(1));
  const { got, taker } = recorder();
  await open(taker, { once: true, grep: 'refused' }).drained();
  assert.deepEqual(got.messages, ['line 1']);
  assert.deepEqual(
    got.warned.map((line) => /--[a-z-]+/.exec(line)?.[0]),
    ['--output-fields', '--grep'],
  );
});

void test('a missing journalctl is a problem to show, not an end', async (t) => {
  process.env['PATH'] = pathDir(t);
  const { got, taker } = recorder();
  const source = open(taker, { once: true });
  await source.drained();
  assert.match(
    source.streams()[0]?.problem ?? '',
    /cannot run journalctl.*no such file.*install it/,
  );
  assert.equal(got.warned.length, 1);
});

void test('a journal that may not be read says which group may', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(`echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1`);
  const { taker } = recorder();
  const source = open(taker);
  await until('the problem', () => source.streams()[0]?.problem);
  assert.match(source.streams()[0]?.problem ?? '', /add the user.*group systemd-journal/);
});

void test('a cursor that was vacuumed away is said, with the time that may be missing', async (t) => {
  const journal = fakeJournal(t);
  journal.fault('gone_line=1');
  journal.log(record(60));
  const { got, taker } = recorder({ cursor: cursor(1) });
  await open(taker).drained();
  assert.deepEqual(got.messages, ['line 60']);
  assert.equal(got.lost.length, 1);
  assert.match(got.lost[0] ?? '', /from 2026-11-22T00:00:01.000Z to 2026-11-22T00:01:00.000Z$/);
});

void test('a cursor beyond the end is said, and what comes from then on is read', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1));
  const { got, taker } = recorder({ cursor: cursor(99) });
  await open(taker).drained();
  journal.log(record(2));
  await has(got, 'line 2');
  assert.deepEqual(got.messages, ['line 2']);
  assert.match(got.lost.join(), /from 2026-11-22T00:01:39.000Z until now$/);
});

void test('a cursor that journalctl cannot read is said, and what comes from then on is read', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(`case $cursor in garbage)
    echo 'Failed to seek to cursor: Invalid argument' >&2; exit 1;; esac`);
  journal.log(record(1));
  const { got, taker } = recorder({ cursor: 'garbage' });
  await open(taker).drained();
  assert.match(got.lost.join(), /from an unknown time until now$/);
  assert.deepEqual(got.position, { version: 1, cursor: cursor(1) });
});

void test('the end is reported only where the journal ends, not in the middle of a backlog', async (t) => {
  const journal = fakeJournal(t);
  journal.fault(
    `[ -z "$one" ] && [ -z "$follow" ] && { head -n 1 $dir/entries; sleep 0.1; tail -n +2 $dir/entries; exit; }`,
  );
  journal.log(record(1), record(2), record(3));
  const { got, taker } = recorder();
  const ends: number[] = [];
  const watching = { ...taker, caughtUp: () => void ends.push(got.messages.length) };
  const source = open(watching, {}, { from: 'start' });
  await source.drained();
  assert.ok(ends.length > 0);
  assert.ok(ends.every((read) => read === 3));
});

void test('a burst that is followed in pieces ends once, after its last piece', async (t) => {
  const journal = fakeJournal(t);
  const { got, taker } = recorder();
  const ends: number[] = [];
  const watching = { ...taker, caughtUp: () => void ends.push(got.messages.length) };
  const source = open(watching, {}, { from: 'start' });
  await source.drained();
  journal.fault(
    `[ -n "$follow" ] && { cat $dir/entries; sleep 0.03; echo '${record(2).trim()}'; exec sleep 60; }`,
  );
  journal.log(record(1));
  // The fault takes hold of the next journalctl: a round ends.
  await source.drained();
  await has(got, 'line 2');
  await until('the end', () => ends.at(-1) === 2);
  assert.ok(!ends.slice(1, -1).includes(2));
});

void test('entries of the machine-id that this machine had before are read on from the place', async (t) => {
  const journal = fakeJournal(t);
  // journalctl gives the entry at the place only where this machine-id is not asked for.
  const former = 'f'.repeat(32);
  const own = readFileSync('/etc/machine-id', 'utf8').trim();
  journal.log(record(1, 'line 1', { _MACHINE_ID: former }));
  journal.log(record(2, 'line 2', { _MACHINE_ID: former }));
  journal.log(record(3, 'line 3', { _MACHINE_ID: own }));
  journal.fault(`case "$* " in *"_MACHINE_ID=${former} "*) ;; *_MACHINE_ID=*)
    grep -F 'MACHINE_ID":"${own}' $dir/entries; exit;; esac`);
  const { got, taker } = recorder({ cursor: cursor(1) });
  await open(taker, { once: true }).drained();
  assert.deepEqual(got.messages, ['line 2', 'line 3']);
  assert.deepEqual(got.lost, []);
});

void test('a directory, a namespace and all machines are what journalctl is asked for', async (t) => {
  const journal = fakeJournal(t);
  const { taker } = recorder();
  const here = open(taker, { once: true }, { directory: '/srv/journal', machine: 'all' });
  await here.drained();
  for (const call of journal.calls()) {
    assert.match(call, /--directory=\/srv\/journal/);
    assert.doesNotMatch(call, /_MACHINE_ID=/);
  }
  assert.equal(here.streams()[0]?.stream, 'journal in /srv/journal');
  const there = open(taker, { once: true }, { namespace: 'web' });
  await there.drained();
  assert.match(journal.calls().at(-1)!, /--namespace=web .*_MACHINE_ID=/);
  assert.equal(there.streams()[0]?.stream, 'journal namespace web');
});

void test('a position of a newer version is reported, and reading begins again', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1));
  const { got, taker } = recorder({ version: 99, cursor: cursor(1) });
  await open(taker, { once: true }).drained();
  assert.match(got.lost.join(), /saved position is not one of the journal/);
});

void test('identifiers and units narrow the journal of this machine', async (t) => {
  const journal = fakeJournal(t);
  const { taker } = recorder();
  await open(
    taker,
    { once: true },
    { identifiers: ['sshd', 'tcpd'], units: ['ssh', 'xinetd.service'] },
  ).drained();
  const machine = `_MACHINE_ID=${readFileSync('/etc/machine-id', 'utf8').trim()}`;
  assert.ok(
    journal
      .calls()
      .at(-1)
      ?.endsWith(
        [
          `MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e ${machine}`,
          `SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=tcpd ${machine}`,
          `_SYSTEMD_UNIT=ssh.service _SYSTEMD_UNIT=xinetd.service ${machine}`,
        ].join(' + '),
      ),
  );
});

void test('stopping while a block is offered again, or a pause lasts, ends at once', async (t) => {
  const journal = fakeJournal(t);
  journal.log(record(1));
  const { got, taker } = recorder();
  got.fail = 1e9;
  const source = open(taker, { once: true });
  // The next pause lasts five seconds.
  await until('three refusals', () => got.fail <= 1e9 - 3);
  const refused = got.fail;
  await source.stop();
  assert.equal(got.fail, refused, 'the pause was not waited for');
  assert.deepEqual(got.messages, []);
});

test('without a descriptor left, journalctl fails for now', () => {
  const module = new URL('../../../src/source/journal/command.ts', import.meta.url).href;
  const code = `
    import { closeSync, openSync } from 'node:fs';
    import { journalctl } from '${module}';
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch {}
    const failure = await journalctl([], AbortSignal.any([])).next().catch((error) => error);
    for (const file of open) closeSync(file);
    console.log(failure.kind, failure.message);`;
  const run = 'ulimit -n 64 && exec "$0" --input-type=module --eval "$1"';
  const { stdout, stderr } = spawnSync('sh', ['-c', run, process.execPath, code], {
    encoding: 'utf8',
  });
  assert.equal(stdout, 'failed cannot start journalctl now: too many open files\n', stderr);
});
