/** What is read of a real journal, of a namespace's, and of those of other hosts. */
import { needs } from '../support/packages.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { CLI } from '../support/agent.ts';
import { journald, type Journald } from '../support/journald.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'systemd', 'systemd-journal-remote');
const REMOTE = '/lib/systemd/systemd-journal-remote';
const JOURNALD = '/lib/systemd/systemd-journald';

const refused = (client: string) => `refused connect from ${client} (${client})`;
const iso = (time: number) => new Date(time).toISOString().replace(/\.\d+/, '');

/** Runs verbs beside the journal, with one source. */
function verbs(t: TestContext, journal: Journald, source: object) {
  const config = join(tempDir(t), 'denywatch.yaml');
  const monitors = [{ nsca: '127.0.0.1:1', password: 'secret' }];
  const sources = [{ journal: source, from: 'start' }];
  writeFileSync(config, stringify({ host: '{host}', sources, monitors }));
  const run = (...words: string[]) =>
    journal.run('sh', '-c', '"$@" || true', 'sh', process.execPath, CLI, ...words);
  return {
    /** `HOST OUTPUT` of each alert, in alphabetical order. */
    alerts: () => {
      const printed = run('run', '--config', config, '--dry-run', '--once', '--json').trimEnd();
      const alerts = printed
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { host: string; output: string });
      return alerts.map(({ host, output }) => `${host} ${output}`).toSorted();
    },
    /** What `check` says of the source. */
    check: () => /^.* sources\.0: (.*)$/m.exec(run('check', '--offline', '--config', config))?.[1],
  };
}

/** The journal of another host, as systemd-journal-remote writes what it receives. */
function received(journal: Journald, dir: string, host: string, entries: [number, string][]): void {
  const [machine, boot] = [randomUUID(), randomUUID()].map((id) => id.replaceAll('-', ''));
  const text = entries.map(([at, client]) =>
    [
      `__REALTIME_TIMESTAMP=${at * 1000}`,
      `__MONOTONIC_TIMESTAMP=${at}`,
      `_BOOT_ID=${boot}`,
      `_MACHINE_ID=${machine}`,
      `_HOSTNAME=${host}`,
      '_TRANSPORT=syslog',
      '_UID=0',
      '_COMM=sshd',
      '_EXE=/usr/sbin/sshd',
      'SYSLOG_IDENTIFIER=sshd',
      `MESSAGE=${refused(client)}`,
      '\n',
    ].join('\n'),
  );
  const file = join(dir, `${host}.export`);
  writeFileSync(file, text.join(''));
  journal.run(REMOTE, '-o', join(dir, `remote-${host}.journal`), file);
}

void test('check gives the time of the last refusal in the journal', NEEDS, async (t) => {
  const journal = await journald(t);
  const times: number[] = [];
  for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    // Its seconds are shown, and journald has no clock but the machine's.
    await until(
      'another second',
      () => Date.now() / 1000 > Math.floor((times.at(-1) ?? 0) / 1e6) + 1,
    );
    journal.log('sshd', refused(client));
    const [record = ''] = journal.run('journalctl', '-q', '-n', '1', '-o', 'json').split('\n');
    times.push(Number((JSON.parse(record) as Record<string, string>)['__REALTIME_TIMESTAMP']));
  }
  journal.log('sshd', 'Server listening on 0.0.0.0 port 22.');
  const last = iso(times.at(-1)! / 1000);
  assert.equal(verbs(t, journal, {}).check(), `can read journal (3 refusals, the last at ${last})`);
});

void test('journals of other hosts are read each under its own host', NEEDS, async (t) => {
  const journal = await journald(t);
  const dir = join(tempDir(t), 'received');
  mkdirSync(dir);
  const hour = 3_600_000;
  const now = Date.now();
  received(journal, dir, 'web1', [
    [now - 3 * hour, '192.0.2.1'],
    [now - 2 * hour, '192.0.2.2'],
  ]);
  received(journal, dir, 'web2', [[now - hour, '192.0.2.3']]);
  journal.log('sshd', refused('192.0.2.4'));
  const others = [
    `web1 Denied sshd-192.0.2.1 at ${iso(now - 3 * hour)}`,
    `web1 Denied sshd-192.0.2.2 at ${iso(now - 2 * hour)}`,
    `web2 Denied sshd-192.0.2.3 at ${iso(now - hour)}`,
  ];
  const { alerts, check } = verbs(t, journal, { directory: dir });
  assert.deepEqual(alerts(), others);
  const last = iso(now - hour);
  assert.equal(check(), `can read journal in ${dir} (3 refusals, the last at ${last})`);

  // They are beside the machine's own, where systemd-journal-remote has them.
  journal.run('cp', '-r', dir, '/var/log/journal/remote');
  const own = verbs(t, journal, {}).alerts();
  assert.equal(own.length, 1);
  assert.match(own[0]!, / Denied sshd-192\.0\.2\.4$/);
  const all = verbs(t, journal, { machine: 'all' }).alerts();
  assert.deepEqual(all, [...own, ...others].toSorted());
});

void test('of a namespace only its own entries are read', NEEDS, async (t) => {
  const journal = await journald(t);
  journal.run('mkdir', '/run/systemd/journal.web', '/run/log/journal.web');
  journal.program(JOURNALD, 'web');
  const socket = '/run/systemd/journal.web/dev-log';
  await until('the namespace', () => journal.run('sh', '-c', `test -S ${socket} && echo up || :`));
  journal.log('sshd', refused('192.0.2.1'));
  journal.run('logger', '-u', socket, '-t', 'sshd', refused('192.0.2.2'));
  const web = verbs(t, journal, { namespace: 'web' });
  await until('the entry', () => web.alerts().length > 0);
  assert.match(web.alerts().join('\n'), /^\S+ Denied sshd-192\.0\.2\.2$/);
  assert.match(web.check()!, /^can read journal namespace web \(1 refusal, the last at /);
  assert.match(verbs(t, journal, {}).alerts().join('\n'), /^\S+ Denied sshd-192\.0\.2\.1$/);
});
