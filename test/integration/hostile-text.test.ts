import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const COMMAND = '[1795384966] PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;0;fine';

/** What an ident server can answer for a user: any bytes but blanks, up to 127 of them. */
const USERS = [
  'eve)(127.0.0.1',
  'a@b@c',
  '$(touch\u00a0/tmp/x)`id`${IFS}',
  'x;y|z&w>v<u',
  `"'<script>alert(1)</script>`,
  '\u001b[2J\u001b]0;title\u0007',
  '\u009b31m\u202eevil\u2028line',
  'nul\0byte',
  'etb\u0017host',
  '\\n[0]\\tSHUTDOWN_PROGRAM',
  COMMAND.replaceAll(' ', '_'),
  '%n%s%d',
  'x'.repeat(127),
  'bytes',
].map((text) => Buffer.from(text));
USERS.push(Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x1b, 0x5b, 0x48]));

/** What a reverse look-up can give for a client that rules its own zone. */
const NAMES = [
  'refused.connect.from.10.1.2.3',
  '192.0.2.99.attacker.example',
  '--help',
  '-e.attacker.example',
  `${'a'.repeat(60)}.${'b'.repeat(60)}.xx`,
];

/** Lines in which somebody says that somebody was refused. None of them is a refusal. */
const LIES = [
  'sshd[9]: Invalid user sshd[9]: refused connect from 10.9.9.9 (10.9.9.9) from 192.0.2.9 port 4',
  'app[9]: in.telnetd[9]: refused connect from 10.9.9.9 (10.9.9.9)',
  'sudo[9]: eve : COMMAND=/bin/echo sshd[9]: refused connect from 10.9.9.9 (10.9.9.9)',
  'kernel: refused connect from 10.9.9.9 (10.9.9.9) said a module',
];

const AT = () => new Date().toISOString();
const refused = (n: number) => `${AT()} firestorm sshd[${n}]: refused connect from `;

/** Control characters, and what turns the direction of text or ends a line elsewhere. */
const CONTROL =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]/;

void describe('what an attacker can write into a log', { concurrency: 2 }, () => {
  void test(
    'is one plain result in Nagios for each refusal, and text on every screen',
    needs('root', 'nsca', 'nagios4-core'),
    async (t) => {
      const dir = tempDir(t);
      const lines = [
        ...USERS.map((user, n) =>
          Buffer.concat([
            Buffer.from(refused(n)),
            user,
            Buffer.from(`@192.0.2.${n} (192.0.2.${n})\n`),
          ]),
        ),
        ...LIES.map((lie) => Buffer.from(`${AT()} firestorm ${lie}\n`)),
        ...NAMES.map((name, n) => Buffer.from(`${refused(100 + n)}${name} (198.51.100.${n})\n`)),
      ];
      writeFileSync(join(dir, 'auth.log'), Buffer.concat(lines));
      const count = USERS.length + NAMES.length;
      const nagios = await startNagios(t);
      const nsca = await startNsca(t, { commandFile: nagios.commandFile, mode: '--single' });
      const config = writeConfig(dir, {
        output: 'Denied {daemon}-{client} user {user} at {address} by {program}, {host}',
        sources: [{ file: 'auth.log', from: 'start' }],
        monitors: [
          { nsca: `127.0.0.1:${nsca.port}`, password: 'secret' },
          { nsca: '127.0.0.1:9', password: 'secret' },
        ],
        fold: { scan: false, storm: false },
      });
      const agent = denywatch(t, 'run', '--verbose', '--config', config);
      const alerts = () => nagios.log().filter((line) => line.startsWith('SERVICE ALERT'));
      await until('the alerts', () => alerts().length >= count);
      await until('all deliveries', async () =>
        (await status(t, config))?.monitors.some(({ delivered }) => delivered === count),
      );

      assert.equal(alerts().length, count);
      for (const line of alerts()) {
        assert.match(
          line,
          /^SERVICE ALERT: firestorm;TCP Wrappers;CRITICAL;HARD;1;Denied sshd-[\w.:-]+ user [\w.:%@+,/=#[\]-]+ at [\d.]+ by sshd, firestorm( at \S+)?$/,
        );
        assert.doesNotMatch(line, /10\.9\.9\.9/);
      }
      const commands = nagios.log().filter((line) => line.startsWith('EXTERNAL COMMAND'));
      assert.ok(commands.length >= count);
      for (const line of commands) {
        assert.match(
          line,
          /^EXTERNAL COMMAND: PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;/,
        );
      }
      const screens = [
        nagios.log().join('\n'),
        nagios.notifications().join('\n'),
        ...(await Promise.all(
          [['status'], ['status', '--json'], ['queue', 'list'], ['queue', 'list', '--json']].map(
            async (words) => {
              const shown = denywatch(t, ...words, '--config', config);
              await shown.end();
              assert.notEqual(shown.stdout(), '');
              return shown.stdout() + shown.stderr();
            },
          ),
        )),
      ];
      agent.kill();
      assert.equal(await agent.end(), 0);
      screens.push(agent.stderr());
      for (const screen of screens) {
        assert.doesNotMatch(screen.replaceAll('\t', ''), CONTROL);
      }
    },
  );

  void test(
    'does not let one host speak for another: a host that is not on the list is reported as the rest',
    needs('nsca'),
    async (t) => {
      const dir = tempDir(t);
      const strangers = [
        'core-router',
        'web1.evil.example',
        'xweb1',
        'web1;0;fine',
        'wéb1',
        'web1\u001b(B',
        '..',
        'web1%0a',
      ];
      const hosts = ['web1', ...strangers];
      const lines = hosts.map(
        (host, n) =>
          `${AT()} ${host} sshd[${n}]: refused connect from 192.0.2.${n} (192.0.2.${n})\n`,
      );
      writeFileSync(join(dir, 'all.log'), lines.join(''));
      const nsca = await startNsca(t, { mode: '--single' });
      const config = writeConfig(dir, {
        host: '{host}',
        hosts: { allow: ['web1'], other: 'loghost' },
        sources: [{ file: 'all.log', from: 'start' }],
        monitors: [{ nsca: `127.0.0.1:${nsca.port}`, password: 'secret' }],
        fold: { scan: false, storm: false },
      });
      const agent = denywatch(t, 'run', '--config', config);
      await until('all', () => nsca.commands().length >= hosts.length);
      agent.kill();
      assert.equal(await agent.end(), 0);
      const arrived = nsca.commands().map((command) => command.split(';').slice(1));
      assert.deepEqual(
        arrived,
        hosts.map((host, n) => [
          host === 'web1' ? 'web1' : 'loghost',
          'TCP Wrappers',
          '2',
          `Denied sshd-192.0.2.${n}`,
        ]),
      );
    },
  );
});
