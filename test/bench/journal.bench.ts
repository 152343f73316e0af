/** Catching up with a journal, against journalctl alone with the same match. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { messagePattern } from '../../src/parse/search.ts';
import { narrowing, ownMachine } from '../../src/source/journal/command.ts';
import { CLI, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { program as start } from '../support/program.ts';
import { until } from '../support/until.ts';
import { compare, timed } from './measure.ts';
import { messages } from './messages.ts';

const ENTRIES = 500_000;
const REFUSED = ENTRIES / 1000;
const REMOTE = '/lib/systemd/systemd-journal-remote';

/** Writes a journal with entries such as journald makes, all of the last hour. */
async function writeJournal(dir: string, machineId: string): Promise<void> {
  const remote = spawn(REMOTE, ['-o', join(dir, 'bench.journal'), '--split-mode=none', '-'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const first = (Date.now() - 3_600_000) * 1000;
  const source = messages(1);
  for (let n = 0; n < ENTRIES;) {
    const entries: string[] = [];
    for (const last = Math.min(n + 1000, ENTRIES); n < last; n++) {
      const { program, pid, text } = source.next().value;
      const at = first + n * 7000;
      entries.push(`__REALTIME_TIMESTAMP=${at}
__MONOTONIC_TIMESTAMP=${n * 7000}
_BOOT_ID=0123456789abcdef0123456789abcdef
_TRANSPORT=syslog
PRIORITY=6
SYSLOG_FACILITY=10
SYSLOG_IDENTIFIER=${program}
SYSLOG_PID=${pid}
MESSAGE=${text}
_PID=${pid}
_UID=0
_GID=0
_COMM=${program}
_EXE=/usr/sbin/${program}
_CMDLINE=/usr/sbin/${program} -D
_CAP_EFFECTIVE=1ffffffffff
_SYSTEMD_CGROUP=/system.slice/${program}.service
_SYSTEMD_UNIT=${program}.service
_MACHINE_ID=${machineId}
_HOSTNAME=${hostname()}
_SOURCE_REALTIME_TIMESTAMP=${at}
`);
    }
    if (!remote.stdin.write(`${entries.join('\n')}\n`)) await once(remote.stdin, 'drain');
  }
  remote.stdin.end();
  const [status] = (await once(remote, 'close')) as [number];
  if (status !== 0) throw new Error(`systemd-journal-remote ended with ${status}`);
}

test('a journal is caught up with', needs('systemd-journal-remote'), async (t) => {
  const dir = tempDir(t);
  const journal = join(dir, 'journal');
  mkdirSync(journal);
  const match = `_MACHINE_ID=${ownMachine()}`;
  await writeJournal(journal, match.split('=')[1]!);
  // journalctl, but with this journal: the agent does not know of it.
  const real = execFileSync('which', ['journalctl'], { encoding: 'utf8' }).trim();
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const wrapper = `#!/bin/sh\nexec ${real} -D ${journal} "$@"\n`;
  writeFileSync(join(bin, 'journalctl'), wrapper, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  const rate = async (command: string, ...args: string[]) => {
    const { wall } = await timed(command, args, { env });
    return [ENTRIES / wall];
  };

  /** From the first read until every refusal is in the queue file, for good. */
  const ours = async () => {
    const round = mkdtempSync(join(dir, 'round-'));
    const config = writeConfig(round, {
      sources: [{ journal: {}, from: 'start' }],
      monitors: [{ nsca: '127.0.0.1:9', encryption: 'xor', password: 'secret' }],
      fold: { window: 0, scan: false, storm: false },
    });
    const agent = start(t, process.execPath, [CLI, 'run', '--config', config], { env });
    const file = join(round, 'queue.db');
    // Said just before it begins to read: what Node takes to start is no catching up.
    await until('the agent', () => agent.stderr().includes('reading'));
    const began = performance.now();
    // The agent's control socket is there once its queue is.
    await until('the queue', () => existsSync(`${file}.sock`));
    const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    const counted = db.prepare("SELECT value FROM total WHERE name = 'denials'");
    await until('all to be stored', () => counted.get()?.['value'] === REFUSED);
    const seconds = (performance.now() - began) / 1000;
    db.close();
    agent.kill();
    await agent.end();
    return [ENTRIES / seconds];
  };
  const options = ['-q', '-m', '-a', '-o', 'json', '--no-pager'];
  const narrowed = [...options, ...narrowing(messagePattern(), new Set()), match];
  const journalctl = async () => rate('journalctl', ...narrowed);

  const what = `a journal of ${ENTRIES} entries is read, ${REFUSED} refusals in it are stored`;
  const peer = 'journalctl with the same match, to /dev/null';
  const comparison = { what, unit: 'entries/s', better: 'more', peer, wanted: 0.8 } as const;
  await compare(t, [comparison], ours, journalctl);
});
