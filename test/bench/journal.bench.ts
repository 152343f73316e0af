/** Catching up with a journal, against journalctl alone with the same match. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { matches, narrowing } from '../../src/source/journal-command.ts';
import { messagePattern } from '../../src/parse/scan.ts';
import { CLI, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';
import { compare, timed } from './measure.ts';

const ENTRIES = 500_000;
/** One entry in so many is a refusal. */
const REFUSED = 1000;
/** Debian's systemd-journal-remote: makes a journal of a file in the export format. */
const REMOTE = '/lib/systemd/systemd-journal-remote';

/** An entry in the journal's export format. */
function entry(n: number): string {
  const client = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  const message =
    n % REFUSED === 0
      ? `refused connect from ${client} (${client})`
      : `Connection closed by authenticating user root ${client} port ${1024 + (n % 60_000)} [preauth]`;
  return [
    `__REALTIME_TIMESTAMP=${1_795_000_000_000_000 + n * 1000}`,
    `__MONOTONIC_TIMESTAMP=${n * 1000}`,
    '_BOOT_ID=e160de50e7504b2c8cbd587499d8e4a2',
    `_MACHINE_ID=${readFileSync('/etc/machine-id', 'utf8').trim()}`,
    '_HOSTNAME=bench',
    '_TRANSPORT=syslog',
    '_UID=0',
    '_COMM=sshd',
    '_EXE=/usr/sbin/sshd',
    'PRIORITY=6',
    'SYSLOG_FACILITY=4',
    'SYSLOG_IDENTIFIER=sshd',
    `SYSLOG_PID=${n % 30_000}`,
    `_PID=${n % 30_000}`,
    `MESSAGE=${message}`,
    '\n',
  ].join('\n');
}

const skip = existsSync(REMOTE) ? false : "needs Debian's systemd-journal-remote";

test('catching up with a journal', { skip }, async (t) => {
  const dir = tempDir(t);
  const journal = join(dir, 'journal');
  mkdirSync(journal);
  const exported = join(dir, 'export');
  const file = createWriteStream(exported);
  for (let n = 1; n <= ENTRIES; n++) if (!file.write(entry(n))) await once(file, 'drain');
  file.end();
  await once(file, 'close');
  execFileSync(REMOTE, ['-o', join(journal, 'bench.journal'), exported], { stdio: 'ignore' });

  // journalctl, but of this journal: the agent is told nothing of it.
  const real = spawnSync('which', ['journalctl'], { encoding: 'utf8' }).stdout.trim();
  mkdirSync(join(dir, 'bin'));
  const wrapper = `#!/bin/sh\nexec ${real} -D ${journal} "$@"\n`;
  writeFileSync(join(dir, 'bin', 'journalctl'), wrapper, { mode: 0o755 });
  const env = { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };

  const config = writeConfig(dir, { sources: [{ journal: {} }] });
  const run = [CLI, 'run', '--dry-run', '--once', '--config', config];
  const all = { kind: 'journal', from: 'start', units: [], identifiers: [] } as const;
  const alone = [
    '-q',
    '-m',
    '-a',
    '-o',
    'json',
    ...narrowing(messagePattern(), new Set()),
    ...matches(all),
  ];
  const rate = ({ wall }: { wall: number }) => [ENTRIES / wall];
  await compare(
    t,
    [
      {
        what: `${ENTRIES} journal entries, ${1 / REFUSED} of them refusals`,
        unit: 'entries/s',
        better: 'more',
        peer: 'journalctl alone',
        wanted: 0.8,
      },
    ],
    async () => rate(await timed(process.execPath, run, { env })),
    async () => rate(await timed('journalctl', alone, { env })),
  );
});
