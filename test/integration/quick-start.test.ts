/**
 * The README's quick start, each command as it stands there, typed at a terminal of a fresh Debian 13
 * that has the NSCA daemon of its monitor on it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { neededRoot } from '../support/debian-root.ts';
import { nscaInside } from '../support/nsca-inside.ts';
import { buildPackage, seen } from '../support/package.ts';
import { boot, type System } from '../support/systemd.ts';
import { guard } from '../support/tcpd-inside.ts';
import { until } from '../support/until.ts';

const WANTED = { packages: ['nsca', 'tcpd'], offered: ['libatomic1'] };
const ROOT = neededRoot('trixie', WANTED, 'binutils');
const README = new URL('../../README.md', import.meta.url);
const TESTED = /;firestorm;TCP Wrappers;0;Test by denywatch at /;
const DENIED = /;firestorm;TCP Wrappers;2;Denied in\.telnetd-/;

/** What a person answers; each question is asked once. */
const ANSWERS: readonly (readonly [question: RegExp, answer: string])[] = [
  [/Continue\? \[Y\/n\] $/, 'y'],
  [/Kind of monitor .*: $/, ''],
  [/Its address, .*: $/, 'monitor'],
  [/^encryption .*: $/m, ''],
  [/password.*: $/, 'secret'],
  [/name of this host .*: $/, 'firestorm'],
  [/Show what would be sent .* $/, 'n'],
];

function quickStart(): string[] {
  const block = /^## Quick start\n[^]*?^```sh\n([^]*?)^```/m.exec(readFileSync(README, 'utf8'));
  return block![1]!.trim().split('\n');
}

/** Runs a line at a terminal, answers what it asks, and gives what the terminal showed. */
async function type(system: System, line: string): Promise<string> {
  const terminal =
    'cd /root && SHELL=/bin/bash exec script --quiet --return --command "$0" /dev/null';
  const run = system.program('sh', '-c', terminal, line);
  // eslint-disable-next-line no-control-regex -- colours
  const shown = () => run.stdout().replaceAll(/\u001B\[[\d;?]*[a-zA-Z]/g, '');
  const open = new Set(ANSWERS);
  let answered = 0;
  await until(`the end of ${line}`, () => {
    const asked = [...open].find(([question]) => question.test(shown().slice(answered)));
    if (asked !== undefined) {
      open.delete(asked);
      answered = shown().length;
      run.type(`${asked[1]}\r`);
    }
    return run.ended() !== null;
  }).catch((cause: unknown) => {
    throw new Error(shown(), { cause });
  });
  assert.equal(run.ended(), 0, `${line}\n${shown()}`);
  return shown();
}

void test(
  'the quick start leads from the package to an alert in the monitor',
  ROOT.needs,
  async (t) => {
    const { deb } = await buildPackage(t);
    const system = await boot(t, { root: ROOT.path() });
    // The monitor's own, of the NSCA daemon's package.
    system.run('rm', '-f', '/etc/send_nsca.cfg');
    system.write('/etc/hosts', '127.0.0.1 localhost monitor\n');
    system.write('/etc/hosts.deny', 'ALL: ALL\n');
    const nsca = nscaInside(system, 3);
    await nsca.start();
    system.run('cp', seen(deb), '/root');

    const began = performance.now();
    const lines = quickStart();
    const shown: string[] = [];
    for (const line of lines) shown.push(await type(system, line));
    const transcript = lines.map((line, i) => `# ${line}\n${shown[i]}`).join('');
    t.diagnostic(`${((performance.now() - began) / 1000).toFixed(1)} s`);
    assert.match(transcript, /look for it\s+in Nagios/);
    await until('the test', () => nsca.commands().some((command) => TESTED.test(command)));

    const connect = await guard(system, 'in.telnetd');
    connect();
    const came = () => nsca.commands().some((command) => DENIED.test(command));
    await until('the alert', came);
  },
);
