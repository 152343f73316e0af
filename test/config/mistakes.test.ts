import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { ConfigError } from '../../src/config/error.ts';
import { loadConfig } from '../../src/agent/config.ts';
import { CLI } from '../support/agent.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';

const SOURCE = 'sources: [{ file: /var/log/auth.log }]\n';

/** What an administrator may write, and what the error says behind `FILE:LINE: KEY: `. */
const MISTAKES: { name: string; text: string; line: number | null; key: string; says: RegExp }[] = [
  {
    name: 'a misspelt key',
    text: `${SOURCE}hosst: x\n`,
    line: 2,
    key: 'hosst',
    says: /unknown key; did you mean 'host'\?/,
  },
  {
    name: 'a key that is nothing like any other',
    text: `${SOURCE}zzzzzz: 1\n`,
    line: 2,
    key: 'zzzzzz',
    says: /unknown key; known here: host, service/,
  },
  {
    name: 'a misspelt key further in',
    text: `${SOURCE}fold:\n  windw: 60s\n`,
    line: 3,
    key: 'fold.windw',
    says: /did you mean 'window'\?/,
  },
  {
    name: 'a zone that nobody knows',
    text: 'sources: [{ file: /var/log/auth.log, zone: Mars/Olympus }]\n',
    line: 1,
    key: 'sources.0.zone',
    says: /must be a zone such as Europe\/Berlin, UTC or \+05:30/,
  },
  { name: 'no YAML', text: 'sources: [\n', line: 2, key: '', says: /not YAML/ },
  {
    name: 'a key that is given twice',
    text: `${SOURCE}host: a\nhost: b\n`,
    line: 3,
    key: 'host',
    says: /is given twice/,
  },
  {
    name: 'an alias of nothing',
    text: `${SOURCE}fold: *none\n`,
    line: 2,
    key: 'fold',
    says: /^is an alias without an anchor/,
  },
  {
    name: 'a tab for indentation',
    text: 'pace:\n\tresults: 1\n',
    line: 2,
    key: '',
    says: /not YAML/,
  },
  {
    name: 'no sources',
    text: 'host: a\n',
    line: 1,
    key: '',
    says: /no 'sources': name the logs to read/,
  },
  {
    name: 'sources that are all comments',
    text: 'host: a\nsources:\n  # - file: /a\nmonitors: []\n',
    line: 2,
    key: 'sources',
    says: /no 'sources': name the logs to read/,
  },
  {
    name: 'an empty list of sources',
    text: 'sources: []\n',
    line: 1,
    key: 'sources',
    says: /is empty: name at least one log/,
  },
  {
    name: 'a source that is neither file nor journal',
    text: 'sources: [{ from: end }]\n',
    line: 1,
    key: 'sources.0',
    says: /must have either 'file' or 'journal'/,
  },
  {
    name: 'a source that is both',
    text: 'sources:\n  - file: /a\n    journal: {}\n',
    line: 2,
    key: 'sources.0',
    says: /must have either 'file' or 'journal'/,
  },
  {
    name: 'a glob with directories in braces',
    text: 'sources: [{ file: "/var/{a/b,c}/auth.log" }]\n',
    line: 1,
    key: 'sources.0.file',
    says: /must not have a \/ within braces/,
  },
  {
    name: 'the same log twice',
    text: 'sources: [{ file: /a }, { file: /a }]\n',
    line: 1,
    key: 'sources',
    says: /the source \/a is given twice/,
  },
  {
    name: 'an unknown place to start',
    text: 'sources: [{ file: /a, from: begin }]\n',
    line: 1,
    key: 'sources.0.from',
    says: /must be one of start, end, not 'begin'/,
  },
  {
    name: 'a duration without a unit',
    text: `${SOURCE}fold: { window: 60 }\n`,
    line: 2,
    key: 'fold.window',
    says: /must be a duration such as 90s, 5m or 1h, from 0 to 1d, not '60'/,
  },
  {
    name: 'windows that shrink',
    text: `${SOURCE}fold: { window: 2h, maxWindow: 1h }\n`,
    line: 2,
    key: 'fold.maxWindow',
    says: /must not be shorter than 'window'/,
  },
  {
    name: 'a size without a unit',
    text: `${SOURCE}queue: { size: many }\n`,
    line: 2,
    key: 'queue.size',
    says: /must be a size such as 512KiB or 64MiB/,
  },
  {
    name: 'a number that is too large',
    text: `${SOURCE}pace: { results: 100000 }\n`,
    line: 2,
    key: 'pace.results',
    says: /must be a whole number from 1 to 10000, not '100000'/,
  },
  {
    name: 'a text for a number',
    text: `${SOURCE}pace: { results: lots }\n`,
    line: 2,
    key: 'pace.results',
    says: /must be a whole number/,
  },
  {
    name: 'an unknown state',
    text: `${SOURCE}state: critcal\n`,
    line: 2,
    key: 'state',
    says: /must be one of 0, 1, 2, 3, ok, warning, critical.* did you mean 'critical'\?/,
  },
  {
    name: 'an unknown field in the output',
    text: `${SOURCE}output: 'Denied {deamon}'\n`,
    line: 2,
    key: 'output',
    says: /unknown field \{deamon\}; did you mean \{daemon\}\?/,
  },
  {
    name: 'a host that Nagios could not take',
    text: `${SOURCE}host: 'a;b'\n`,
    line: 2,
    key: 'host',
    says: /must not hold ';'/,
  },
  {
    name: 'a list for a text',
    text: `${SOURCE}host: [a]\n`,
    line: 2,
    key: 'host',
    says: /must be text, not a list/,
  },
  {
    name: 'a text for a map',
    text: `${SOURCE}queue: /tmp/q\n`,
    line: 2,
    key: 'queue',
    says: /must be a map with 'path'/,
  },
  {
    name: 'a monitor without an address',
    text: `${SOURCE}monitors: [{ encryption: xor }]\n`,
    line: 2,
    key: 'monitors.0',
    says: /has no 'nsca' .*: name the monitor/,
  },
  {
    name: 'a port that is none',
    text: `${SOURCE}monitors: [{ nsca: 'm:99999' }]\n`,
    line: 2,
    key: 'monitors.0.nsca',
    says: /must be HOST or HOST:PORT/,
  },
  {
    name: 'an unknown encryption',
    text: `${SOURCE}monitors: [{ nsca: m, encryption: rot13 }]\n`,
    line: 2,
    key: 'monitors.0.encryption',
    says: /rot13/,
  },
  {
    name: 'an encryption that the daemon cannot use',
    text: `${SOURCE}monitors: [{ nsca: m, encryption: 7 }]\n`,
    line: 2,
    key: 'monitors.0.encryption',
    says: /3-?way/i,
  },
  {
    name: 'a source without its key',
    text: 'sources: [/var/log/auth.log]\n',
    line: 1,
    key: 'sources.0',
    says: /must be a map: write file: \/var\/log\/auth\.log$/,
  },
  {
    name: 'a source that is the key alone',
    text: 'sources:\n  - journal\n',
    line: 2,
    key: 'sources.0',
    says: /write journal: \{\}$/,
  },
  {
    name: 'a monitor without its key',
    text: `${SOURCE}monitors: https://m/nrdp/\n`,
    line: 2,
    key: 'monitors',
    says: /must be a map: write nrdp: https:\/\/m\/nrdp\/$/,
  },
  {
    name: 'a key without a blank after its colon',
    text: `${SOURCE}monitors:\n  - nsca:m:5667\n`,
    line: 3,
    key: 'monitors.0',
    says: /write nsca: m:5667, with a blank after the colon$/,
  },
  {
    name: 'a host with an unknown field',
    text: `${SOURCE}host: '{hots}'\n`,
    line: 2,
    key: 'host',
    says: /unknown field \{hots\}; did you mean \{host\}\?/,
  },
  {
    name: 'two passwords',
    text: `${SOURCE}monitors: [{ nsca: m, password: a, passwordFile: b }]\n`,
    line: 2,
    key: 'monitors.0',
    says: /has 'password' and 'passwordFile': keep one/,
  },
  {
    name: 'a password file that is not there',
    text: `${SOURCE}monitors: [{ nsca: m, passwordFile: none }]\n`,
    line: 2,
    key: 'monitors.0.passwordFile',
    says: /there is no file .*none: create it/,
  },
  {
    name: 'a credential without systemd',
    text: `${SOURCE}monitors: [{ nsca: m, credential: c }]\n`,
    line: 2,
    key: 'monitors.0.credential',
    says: /needs \$CREDENTIALS_DIRECTORY/,
  },
  {
    name: 'a send_nsca.cfg that is not there',
    text: `${SOURCE}monitors: [{ nsca: m, sendNscaConfig: none.cfg }]\n`,
    line: 2,
    key: 'monitors.0.sendNscaConfig',
    says: /none\.cfg/,
  },
  {
    name: 'a source address that is a name',
    text: `${SOURCE}monitors: [{ nsca: m, password: p, sourceAddress: firestorm }]\n`,
    line: 2,
    key: 'monitors.0.sourceAddress',
    says: /must be an address of this machine, not 'firestorm'/,
  },
  {
    name: 'NSCA-ng without a password',
    text: `${SOURCE}monitors: [{ nsca-ng: m }]\n`,
    line: 2,
    key: 'monitors.0',
    says: /has no password: NSCA-ng needs one/,
  },
  {
    name: 'a key of the other protocol',
    text: `${SOURCE}monitors: [{ nsca-ng: m, password: p, encryption: aes }]\n`,
    line: 2,
    key: 'monitors.0.encryption',
    says: /unknown key; known here: nsca-ng, identity/,
  },
  {
    name: 'gearman without a key',
    text: `${SOURCE}monitors: [{ gearman: [g1, g2] }]\n`,
    line: 2,
    key: 'monitors.0',
    says: /has no key: give it Mod-Gearman/,
  },
  {
    name: 'gearman with a key that is not used',
    text: `${SOURCE}monitors: [{ gearman: g, key: k, encryption: false }]\n`,
    line: 2,
    key: 'monitors.0',
    says: /has a key, and 'encryption: false': keep one/,
  },
  {
    name: 'a gearmand that is none in a list',
    text: `${SOURCE}monitors: [{ gearman: [g1, 'g2:x'], key: k }]\n`,
    line: 2,
    key: 'monitors.0.gearman.1',
    says: /must be HOST or HOST:PORT/,
  },
  {
    name: 'no gearmand at all',
    text: `${SOURCE}monitors: [{ gearman: [], key: k }]\n`,
    line: 2,
    key: 'monitors.0.gearman',
    says: /is empty: name at least one gearmand/,
  },
  {
    name: 'the same monitor twice',
    text: `${SOURCE}monitors: [{ nsca: m }, { nsca: 'm:5667' }]\n`,
    line: 2,
    key: 'monitors',
    says: /the monitor m:5667 is given twice/,
  },
  {
    name: 'a rule with a misspelt condition',
    text: `${SOURCE}rules: [{ if: { clinet: 10.0.0.1 }, ignore: true }]\n`,
    line: 2,
    key: 'rules.0.if.clinet',
    says: /did you mean 'client'\?/,
  },
  {
    name: 'a network that is none',
    text: `${SOURCE}rules:\n  - if: { client: [10.0.0.1, 10.0.0.0/33] }\n    ignore: true\n`,
    line: 3,
    key: 'rules.0.if.client.1',
    says: /must be a network such as 10\.0\.0\.0\/8, .* or 2001:db8::\/32, not '10\.0\.0\.0\/33'/,
  },
  {
    name: 'an hour that no clock has',
    text: `${SOURCE}rules: [{ if: { hour: 8-25 }, state: ok }]\n`,
    line: 2,
    key: 'rules.0.if.hour',
    says: /must be hours of the day such as 8-18 or 22-6, not '8-25'/,
  },
  {
    name: 'a condition without a value',
    text: `${SOURCE}rules: [{ if: { user: }, state: ok }]\n`,
    line: 2,
    key: 'rules.0.if.user',
    says: /is empty/,
  },
  {
    name: 'a rule that ignores everything',
    text: `${SOURCE}rules: [{ ignore: true }]\n`,
    line: 2,
    key: 'rules.0',
    says: /ignores every denial: say which in an 'if'/,
  },
  {
    name: 'a rule that says nothing',
    text: `${SOURCE}rules: [{ if: { user: root } }]\n`,
    line: 2,
    key: 'rules.0',
    says: /changes nothing: give it one of ignore, state, service, host, output/,
  },
  {
    name: 'a rule that no denial gets to',
    text: `${SOURCE}rules:\n  - state: ok\n  - { if: { user: root }, state: critical }\n`,
    line: 3,
    key: 'rules.0',
    says: /matches every denial, so no rule after it counts/,
  },
  {
    name: 'an unknown order of the queue',
    text: `${SOURCE}queue: { order: newst }\n`,
    line: 2,
    key: 'queue.order',
    says: /must be one of oldest, newest, not 'newst'; did you mean 'newest'\?/,
  },
  {
    name: 'a digest of what has just come',
    text: `${SOURCE}queue: { digestAfter: 1s }\n`,
    line: 2,
    key: 'queue.digestAfter',
    says: /must be a duration such as 90s, 5m or 1h, from 1m to 3650d, not '1s'/,
  },
  {
    name: 'a history of minutes',
    text: `${SOURCE}history: { keep: 30m }\n`,
    line: 2,
    key: 'history.keep',
    says: /must be a duration such as 90s, 5m or 1h, from 1d to 3650d, not '30m'/,
  },
  {
    name: 'a misspelt kind of source',
    text: 'sources: [{ flie: /a }]\n',
    line: 1,
    key: 'sources.0.flie',
    says: /unknown key; did you mean 'file'\?/,
  },
  {
    name: 'a misspelt kind of monitor',
    text: `${SOURCE}monitors: [{ icinga: https://mon }]\n`,
    line: 2,
    key: 'monitors.0.icinga',
    says: /unknown key; did you mean 'icinga2'\?/,
  },
  {
    name: 'the beginning of a word',
    text: `${SOURCE}state: crit\n`,
    line: 2,
    key: 'state',
    says: /not 'crit'; did you mean 'critical'\?/,
  },
  {
    name: 'no for false',
    text: `${SOURCE}fold: { scan: no }\n`,
    line: 2,
    key: 'fold.scan',
    says: /write false to turn it off, not 'no'/,
  },
  { name: 'an empty file', text: '\n', line: null, key: '', says: /is empty/ },
];

for (const { name, text, line, key, says } of MISTAKES) {
  test(`${name} is named with its key and line`, (t) => {
    const path = join(tempDir(t), 'denywatch.yaml');
    writeFileSync(path, text);
    assert.throws(
      () => loadConfig(path, {}),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.problems.length, 1, error.message);
        const place = line === null ? path : `${path}:${line}`;
        const start = [place, ...(key === '' ? [] : [key]), ''].join(': ');
        assert.equal(error.message.slice(0, start.length), start);
        assert.match(error.message.slice(start.length), says);
        return true;
      },
    );
  });
}

test('all mistakes are reported at once, and the exit status is 78', async (t) => {
  const path = join(tempDir(t), 'denywatch.yaml');
  writeFileSync(path, 'hosst: x\nsources: [{ file: /a, from: begin }]\nfold: { window: 60 }\n');
  const run = program(t, process.execPath, [CLI, 'run', '--dry-run', '--config', path]);
  assert.equal(await run.end(), 78);
  assert.equal(run.stderr().trim().split('\n').length, 3, run.stderr());
  assert.match(run.stderr(), /:1: hosst.*\n.*:2: sources\.0\.from.*\n.*:3: fold\.window/);
  assert.equal(run.stdout(), '');
});

test('a missing file is one clear error that says what to do', async (t) => {
  const run = program(t, process.execPath, [
    CLI,
    'check',
    '--config',
    '/nonexistent/denywatch.yaml',
  ]);
  assert.equal(await run.end(), 78);
  assert.match(
    run.stderr(),
    /^\/nonexistent\/denywatch\.yaml: there is no such file; name another one with --config/,
  );
});
