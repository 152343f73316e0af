/**
 * The recipe that Nagios' documentation has for TCP wrappers, and what takes the place of its parts:
 * `denywatch send` of send_nsca, `denywatch denied` of handle_tcp_wrapper.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe, type TestContext } from 'node:test';
import { CLI, denywatch, writeConfig } from '../support/agent.ts';
import { machine } from '../support/machine.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca, type Nsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const SERVICE = 'TCP Wrappers';

/** Runs a command with bytes in its arguments that JavaScript has no string for. */
const WITH_BYTES = 'exec "${@//BYTES/$(printf "\\377\\376")}"';

/** A denial, of which nothing but names is shown. */
const DENIED = /;firestorm;TCP Wrappers;2;Denied [\w.:%@+,/=#[\]-]+$/;
/** One command, in which a tab is all that is no letter or sign. */
const CLEAN =
  /^PROCESS_(SERVICE_CHECK_RESULT;[^\p{Cc};]+|HOST_CHECK_RESULT);[^\p{Cc};]+;2;(?:\P{Cc}|\t)*$/u;

/** The recipe's scripts in `dir`, with `sender` for send_nsca. */
function recipe(dir: string, sender: string) {
  const script = (name: string, text: string) => {
    const path = join(dir, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };
  const submit = script(
    'submit_check_result',
    `/usr/bin/printf "%s\\t%s\\t%s\\t%s\\n" "$1" "$2" "$3" "$4" | ${sender}`,
  );
  const handle = script(
    'handle_tcp_wrapper',
    `${submit} firestorm "${SERVICE}" 2 "Denied $2-$1" > ${dir}/said 2>&1`,
  );
  return { submit, handle };
}

/** An agent that gets nothing from logs. */
async function startAgent(t: TestContext, dir: string, { port }: Nsca) {
  writeFileSync(join(dir, 'auth.log'), '');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log' }],
    monitors: [{ nsca: `127.0.0.1:${port}`, encryption: '3des', password: 'secret' }],
    fold: { window: 0, scan: false, storm: false },
  });
  const agent = denywatch(t, 'run', '--config', config);
  await until('the agent', () => agent.stderr().includes('reporting to'));
  return { config, cli: `${process.execPath} ${CLI}` };
}

void describe('the recipe with denywatch in it', { concurrency: 2 }, () => {
  void test(
    'gives the alert that it gave before',
    needs(
      'nsca',
      'nsca-client',
      'nagios4-core',
      'tcpd',
      'openssh-server',
      'openbsd-inetd',
      'rsyslog',
    ),
    async (t) => {
      const nagios = await startNagios(t);
      const options = { method: 3, password: 'secret', commandFile: nagios.commandFile };
      const nsca = await startNsca(t, options);
      const { config, cli } = await startAgent(t, tempDir(t), nsca);
      const sendNsca = join(tempDir(t), 'send_nsca.cfg');
      writeFileSync(sendNsca, 'password=secret\nencryption_method=3\n');
      const original = recipe(
        tempDir(t),
        `/usr/sbin/send_nsca 127.0.0.1 -p ${nsca.port} -c ${sendNsca}`,
      );
      const swapped = recipe(tempDir(t), `${cli} send --config ${config}`);
      const denied = `${cli} denied --config ${config}`;
      const firestorm = await machine(
        t,
        tempDir(t),
        [
          `in.telnetd: 127.0.0.5: twist (${original.handle} %h %d) &`,
          `in.telnetd: 127.0.0.6: twist (${swapped.handle} %h %d) &`,
          `in.telnetd: 127.0.0.7: twist ${denied} %h %d`,
          `sshd: 127.0.0.8: spawn ${denied} %h %d`,
          'ALL: ALL\n',
        ].join('\n'),
      );
      const alerts = () => nagios.log().filter((line) => line.startsWith('SERVICE ALERT'));
      const expected: string[] = [];
      for (const client of ['127.0.0.5', '127.0.0.6', '127.0.0.7']) {
        await firestorm.connect(firestorm.guarded.get('in.telnetd')!, client);
        expected.push(
          `SERVICE ALERT: firestorm;${SERVICE};CRITICAL;HARD;1;Denied in.telnetd-${client}`,
        );
        await until(client, () => alerts().length === expected.length);
      }
      await firestorm.connect(firestorm.sshd, '127.0.0.8');
      expected.push(`SERVICE ALERT: firestorm;${SERVICE};CRITICAL;HARD;1;Denied sshd-127.0.0.8`);
      await until('a spawn', () => alerts().length === expected.length);
      assert.deepEqual(alerts(), expected);
    },
  );

  void test('does no harm with hostile names', needs('nsca'), async (t) => {
    const dir = tempDir(t);
    const nsca = await startNsca(t, { method: 3, mode: '--single' });
    const { config, cli } = await startAgent(t, dir, nsca);
    const { submit } = recipe(dir, `${cli} send --config ${config}`);
    const harm = join(dir, 'harm');
    const HOSTILE: Record<string, string> = {
      'a command behind a semicolon': `x; touch ${harm}; rm -rf ${dir}`,
      'a command in a command': `$(touch ${harm})`,
      backticks: `\`touch ${harm}\``,
      'a pipe and an ampersand': `x| touch ${harm} & touch ${harm}`,
      quotes: `'"'"; touch ${harm} #'`,
      'a newline': 'x\ny',
      'a newline and an external command': `x\n[1] SHUTDOWN_PROGRAM`,
      'a tab': 'a\tb\tc',
      'the whole of a packet field': 'x'.repeat(10_000),
      'letters of four bytes': '\u{1f98a}'.repeat(2_000),
      'an option': '--help',
      'another option': '-rf',
      'an option with a value': `--config=${harm}`,
      'the end of options': '--',
      'control characters': '\x01\x1b[2J\x7f\u009b',
      'a template': '{password}{client}%h%n%s',
      'an end of record': 'x\u0017y',
      'bytes that are not UTF-8': 'xBYTESy',
      nothing: '',
      'a backslash': 'C:\\new\\',
    };
    const denied = [process.execPath, CLI, 'denied', '--config', config];
    const send = [process.execPath, CLI, 'send', '--config', config];
    for (const [what, name] of Object.entries(HOSTILE)) {
      const before = nsca.commands().length;
      const runs = [
        [...denied, name, 'sshd'],
        [...denied, '192.0.2.1', name],
        [...send, name, SERVICE, '2', 'x'],
        [...send, 'gw', name, '2', 'x'],
        [...send, 'gw', SERVICE, '2', name],
        [submit, name, SERVICE, '2', 'x'],
        [submit, 'gw', SERVICE, '2', name],
      ].map((command) => program(t, 'bash', ['-c', WITH_BYTES, 'bash', ...command]));
      let taken = 0;
      for (const run of runs) {
        const status = await run.end();
        if (status === 0) taken++;
        else assert.equal(status, 2, `${what}: ${run.stderr()}`);
        // denied says nothing on a socket, which it has here.
        assert.match(run.stderr(), status === 0 ? /^$/ : /^(denywatch \w+: .+\n)?$/, what);
      }
      await until(what, () => nsca.commands().length >= before + taken);
      // One more result, behind which nothing comes any more.
      const mark = `mark ${before}`;
      await denywatch(t, 'send', '--config', config, 'mark', 'mark', '0', mark).end();
      await until(what, () => nsca.commands().at(-1)?.endsWith(mark));
      const came = nsca.commands().slice(before, -1);
      assert.equal(came.length, taken, `${what}: ${came.join('\n')}`);
      assert.equal(came.filter((line) => DENIED.test(line)).length, name === '' ? 1 : 2, what);
      for (const line of came) assert.match(line, CLEAN, what);
      assert.ok(!existsSync(harm) && existsSync(submit), `${what} did harm`);
    }
  });
});
