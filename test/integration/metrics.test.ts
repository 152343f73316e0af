import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { denywatch, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const REFUSAL = '2026-11-22T21:15:00Z gw sshd[7]: refused connect from 192.0.2.9 (192.0.2.9)\n';

async function ask(socketPath: string): Promise<string> {
  const [answer] = (await once(request({ socketPath, path: '/metrics' }).end(), 'response')) as [
    IncomingMessage,
  ];
  return text(answer);
}

test(
  "the running agent's metrics pass promtool, follow the log, and go with it",
  needs('prometheus'),
  async (t) => {
    const dir = tempDir(t);
    const [log, file, socket] = ['auth.log', 'denywatch.prom', 'metrics.sock'].map((name) =>
      join(dir, name),
    ) as [string, string, string];
    writeFileSync(log, '');
    const config = writeConfig(dir, {
      sources: [{ file: log, from: 'start' }, { file: join(dir, 'missing', 'syslog') }],
      // Nobody listens there.
      monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
      metrics: { file, listen: socket },
    });
    const agent = denywatch(t, 'run', '--config', config);
    await until('the first metrics', () => existsSync(file));
    appendFileSync(log, REFUSAL);
    const answered = await until('a refusal in the answer', async () => {
      const answer = await ask(socket).catch(() => '');
      return answer.includes('monitor_up{monitor="127.0.0.1:9"} 0') ? answer : null;
    });
    assert.match(answered, /^denywatch_denials_total\{daemon="sshd"\} 1$/m);
    assert.match(answered, /^denywatch_source_readable\{source=".*missing\/syslog"\} 0$/m);
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
      input: answered,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout + stderr);
    assert.equal(stdout + stderr, '');
    // Else it is written within ten seconds.
    agent.kill('SIGHUP');
    await until('the refusal in the file', () =>
      /^denywatch_denials_total\{daemon="sshd"\} 1$/m.test(readFileSync(file, 'utf8')),
    );
    agent.kill();
    assert.equal(await agent.end(), 0);
    assert.ok(!existsSync(file) && !existsSync(socket));
  },
);
