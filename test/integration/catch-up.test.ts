/** The same refusals in a file, in a real journal, and in both: read late, and while they come. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CLI, writeConfig } from '../support/agent.ts';
import { journald, type Journald } from '../support/journald.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const REFUSALS = 2000;
const WAYS = ['file', 'journal', 'both'] as const;
type Way = (typeof WAYS)[number];

/** A configuration that reads the log, the journal, or both from their start. */
function configOf(dir: string, way: Way, log: string, fold: object): string {
  mkdirSync(join(dir, way), { recursive: true });
  const sources = [
    { file: log, from: 'start' },
    { journal: {}, from: 'start' },
  ];
  return writeConfig(join(dir, way), {
    host: 'gw',
    sources: way === 'both' ? sources : sources.slice(WAYS.indexOf(way)).slice(0, 1),
    monitors: [{ nsca: '127.0.0.1:9' }],
    heartbeat: false,
    fold,
  });
}

/** The alerts of what is in the log and the journal now. */
function backlog(journal: Journald, config: string): string[] {
  const options = ['--config', config, '--dry-run', '--once', '--json'];
  const printed = journal.run(process.execPath, CLI, 'run', ...options);
  const lines = printed.trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { output: string }).output);
}

/** Writes to the log what the journal has of sshd, without a pid: a syslogd that gets none writes none. */
function asText(journal: Journald): string {
  const text = journal.run('journalctl', '-t', 'sshd', '-o', 'short-iso-precise', '-q');
  return text.replaceAll(/ sshd\[\d+\]: /g, ' sshd: ');
}

const refusedFrom = (client: string) => `refused connect from ${client} (${client})`;

test(
  'a backlog of 2,000 clients gives the same alerts from a file, the journal, and both',
  needs('root', 'systemd'),
  async (t) => {
    const journal = await journald(t);
    const clients = Array.from({ length: REFUSALS }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
    journal.log('sshd', ...clients.map(refusedFrom));
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, asText(journal));
    const [file, ...others] = WAYS.map((way) => backlog(journal, configOf(dir, way, log, {})));
    assert.ok(file!.length > 1 && file!.length < 70, `${file!.length} alerts`);
    for (const other of others) assert.deepEqual(other, file);
  },
);

/** Starts an agent that follows, and gives the alerts that it has queued and what is not reported. */
function follow(journal: Journald, dir: string, config: string) {
  const agent = journal.program(process.execPath, CLI, 'run', '--config', config);
  const open = () => new DatabaseSync(join(dir, 'queue.db'), { readOnly: true, timeout: 10_000 });
  return {
    agent,
    counted: () => {
      const db = open();
      const row = db.prepare('SELECT sum(denials) AS n FROM result').get();
      db.close();
      return Number(row?.['n']);
    },
    alerts: () => {
      const db = open();
      const rows = db.prepare('SELECT output FROM result ORDER BY id').all();
      db.close();
      return rows.map((row) => String(row['output']));
    },
  };
}

test(
  'what is followed gives the alerts of the same backlog, from a file, the journal, and both',
  needs('root', 'systemd'),
  async (t) => {
    const journal = await journald(t);
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    // Long enough for whatever holds up a line on its way: then a window has all of its refusals.
    const fold = { window: '20s', scan: { window: '20s' }, storm: false };
    const followers = WAYS.map((way) =>
      follow(journal, join(dir, way), configOf(dir, way, log, fold)),
    );
    for (const { agent } of followers)
      await until('an agent', () => agent.stderr().includes('reading'));
    const clients = Array.from({ length: 12 }, (_, i) => `198.18.${i}.1`);
    let written = '';
    for (let round = 0; round < 4; round++) {
      journal.log('sshd', ...clients.slice(round).map(refusedFrom));
      const text = asText(journal);
      appendFileSync(log, text.slice(written.length));
      written = text;
      await pause(200);
    }
    const refusals = written.trimEnd().split('\n').length;
    assert.equal(refusals, 12 + 11 + 10 + 9);
    for (const { counted } of followers)
      await until('all windows to end', () => counted() === refusals);
    const late = backlog(journal, configOf(dir, 'file', log, fold)).toSorted();
    assert.ok(late.includes('Denied sshd-198.18.3.1 (3 more in 20s)'), late.join('\n'));
    for (const [n, { alerts }] of followers.entries())
      assert.deepEqual(alerts().toSorted(), late, WAYS[n]!);
  },
);
