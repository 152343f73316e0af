import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { CLI, denywatch, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const SECRET = 'Gr8-secret';

const HEAD = 'sources: [{ file: auth.log }]\nqueue: { path: queue.db }\nmonitors:\n  - nsca: m:1\n';

/** What becomes of an entry of a monitor when a password is not quoted, or its key mistaken. */
const MISTAKES: Record<string, string> = {
  'an alias': `    password: *${SECRET}`,
  'an anchor': `    password: &${SECRET}`,
  'a tag': `    password: !${SECRET}`,
  'a reserved character': `    password: @${SECRET}`,
  'a percent sign': `    password: %${SECRET}`,
  'a block': `    password: |${SECRET}`,
  'a folded block': `    password: >${SECRET}`,
  'an open quote': `    password: "${SECRET}`,
  'more behind a quote': `    password: '${SECRET}'x`,
  'an escape': `    password: "\\q${SECRET}"`,
  'a colon': `    password: ${SECRET}: x`,
  'a map': `    password: { ${SECRET}: x }`,
  'a list': `    password: [${SECRET}]`,
  'an open list': `    password: [${SECRET}`,
  'a comma in braces': `  - { nsca: 'm:1', password: x,${SECRET} }`,
  'an unknown key': `    passwort: ${SECRET}`,
  'no colon': `    password ${SECRET}`,
  'an equals sign': `    password=${SECRET}`,
  'a control character': `    password: "${SECRET}\\u0001"`,
  'too long a text': `    password: ${SECRET.repeat(100)}`,
  'a key given twice': `    password: ${SECRET}\n    password: ${SECRET}`,
  'a tab': `\tpassword: ${SECRET}`,
  'a mistake elsewhere': `    password: ${SECRET}\n    encryption: nope`,
  'two ways at once': `    password: ${SECRET}\n    passwordFile: x`,
};

void describe('a password', { concurrency: 2 }, () => {
  void test(
    'is in no log, status, file, argument or environment of the agent',
    needs('nsca'),
    async (t) => {
      const dir = tempDir(t);
      const credentials = join(dir, 'credentials');
      mkdirSync(credentials);
      const write = (name: string, text: string) => {
        writeFileSync(join(dir, name), text, { mode: 0o600 });
        return name;
      };
      write('auth.log', `${refusal('192.0.2.1', 1)}\n`);
      write('credentials/nsca.password', SECRET);
      const nsca = await startNsca(t, { password: 'another', mode: '--single' });
      const ways = [
        { password: SECRET },
        { passwordFile: write('password', `${SECRET}\n`) },
        { credential: 'nsca.password' },
        { sendNscaConfig: write('send_nsca.cfg', `password=${SECRET}\nencryption_method=1\n`) },
      ];
      const config = writeConfig(dir, {
        sources: [{ file: 'auth.log', from: 'start' }],
        monitors: ways.map((way, n) => ({
          nsca: `127.0.0.1:${nsca.port}`,
          name: `monitor${n}`,
          ...way,
        })),
      });
      chmodSync(config, 0o600);
      const env = { ...process.env, CREDENTIALS_DIRECTORY: credentials };
      const run = (...words: string[]) =>
        program(t, process.execPath, [CLI, ...words, '--config', config], { env });
      const agent = run('run', '--verbose', '--log-json');
      const refused = () => agent.stderr().match(/"kind":"refused"/g)?.length ?? 0;
      await until('the refusals', () => refused() >= ways.length);

      const seen: Record<string, string> = {};
      for (const name of ['cmdline', 'environ', 'comm']) {
        seen[name] = readFileSync(`/proc/${agent.pid}/${name}`, 'latin1');
      }
      for (const words of [['status'], ['status', '--json'], ['queue', 'list'], ['check']]) {
        const shown = run(...words);
        await shown.end();
        seen[words.join(' ')] = shown.stdout() + shown.stderr();
      }
      for (const name of readdirSync(dir).filter((one) => one.startsWith('queue.db'))) {
        const path = join(dir, name);
        // To ask on a socket is to write to it.
        const others = name.endsWith('.sock') ? 0o007 : 0o027;
        const text = `${name} is for its user and the group's eyes`;
        assert.equal(statSync(path).mode & others, 0, text);
        if (statSync(path).isFile()) seen[name] = readFileSync(path, 'latin1');
      }
      agent.kill();
      assert.equal(await agent.end(), 0);
      seen['log'] = agent.stderr() + agent.stdout();
      for (const [where, text] of Object.entries(seen)) {
        assert.ok(!text.includes(SECRET), `${where}: ${text}`);
      }
      assert.doesNotMatch(seen['log'], /readable by all/);
    },
  );

  void test('is not in the list of processes while receive runs', async (t) => {
    const receive = denywatch(t, 'receive', '--port', '0', '--password', SECRET);
    await until('it to listen', () => receive.stderr().includes('listening'));
    assert.doesNotMatch(readFileSync(`/proc/${receive.pid}/cmdline`, 'latin1'), new RegExp(SECRET));
    receive.kill();
    assert.equal(await receive.end(), 0);
  });

  void test('is not in the word on a mistake in the configuration', async (t) => {
    const dir = tempDir(t);
    for (const [what, entry] of Object.entries(MISTAKES)) {
      const config = join(dir, 'denywatch.yaml');
      writeFileSync(config, `${HEAD}${entry}\n`, { mode: 0o600 });
      const check = denywatch(t, 'check', '--offline', '--config', config);
      assert.equal(await check.end(), 78, what);
      assert.match(check.stderr(), /denywatch\.yaml:\d+: /, what);
      assert.ok(!(check.stdout() + check.stderr()).includes(SECRET), `${what}: ${check.stderr()}`);
    }
  });

  void test('in a file that all can read is warned about', async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), '');
    writeFileSync(join(dir, 'password'), SECRET, { mode: 0o644 });
    writeFileSync(join(dir, 'send_nsca.cfg'), `password=${SECRET}\n`, { mode: 0o644 });
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log' }],
      monitors: [
        { nsca: 'm:1', password: SECRET },
        { nsca: 'm:2', passwordFile: 'password' },
        { nsca: 'm:3', sendNscaConfig: 'send_nsca.cfg' },
      ],
    });
    const check = denywatch(t, 'check', '--offline', '--config', config);
    assert.equal(await check.end(), 0);
    const warned = [
      ...check.stdout().matchAll(/(\S+) holds a secret and is readable by all: chmod 640/g),
    ];
    assert.deepEqual(
      new Set(warned.map(([, path]) => path)),
      new Set([config, join(dir, 'password'), join(dir, 'send_nsca.cfg')]),
    );
  });
});
