import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { cpuSeconds } from '../support/cpu.ts';
import {
  closeAfter,
  closing,
  faultProxy,
  halfOpenAfter,
  passing,
  resetAfter,
  resetting,
  silent,
  trickling,
  type Fault,
} from '../support/fault-proxy.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('nsca');
const INIT = 132;
const PACKET = 4304;
const COUNT = 5;
/** A share of a core: far less than a loop would take. And what a start leaves behind, s. */
const BUSY = 0.25;
const START = 0.5;

/** How long the agent waits where nothing comes, s: enough for what comes before. */
const WAITS = 8;

/** What the network or the monitor does, what the agent says of it, and how long it waits, s. */
const FAULTS: Record<string, { fault: Fault; says: RegExp; waits?: number }> = {
  'a monitor that takes the connection and says nothing': {
    fault: silent,
    says: /sent no NSCA greeting in 8 s.*kind=silent/,
    waits: WAITS,
  },
  'a monitor that closes at once': { fault: closing, says: /closes every connection.*kind=closed/ },
  'a monitor that resets at once': {
    fault: resetting,
    says: /(closes every connection|resets every connection).*kind=/,
  },
  'a greeting that ends in the middle': {
    fault: closeAfter(70),
    says: /closes every connection at once.*kind=closed/,
  },
  'a close after the init packet': {
    fault: closeAfter(INIT),
    says: /can't open Nagios' command file.*kind=command-file/,
  },
  'a reset in the middle of a packet': {
    fault: resetAfter(INIT + 1000),
    says: /password or the encryption method differs.*kind=refused/,
  },
  'a close between two packets': {
    fault: closeAfter(INIT + PACKET),
    says: /password or the encryption method differs.*kind=refused/,
  },
  'a connection that goes dead after the greeting': {
    fault: halfOpenAfter(INIT),
    says: /does not answer.*kind=unknown/,
    waits: WAITS,
  },
  'a connection that goes dead between two packets': {
    fault: halfOpenAfter(INIT + PACKET),
    says: /does not answer.*kind=unknown/,
    waits: WAITS,
  },
  'a greeting slower than the timeout': {
    fault: trickling(1, 100),
    says: /sent no NSCA greeting in 8 s.*kind=silent/,
    waits: WAITS,
  },
};

void describe('while the network fails nothing is lost', { concurrency: 12 }, () => {
  for (const [name, { fault, says, waits = 60 }] of Object.entries(FAULTS)) {
    void test(`${name} is said once, and all arrives when it is over`, NEEDS, async (t) => {
      const dir = tempDir(t);
      const log = join(dir, 'auth.log');
      writeFileSync(log, '');
      const nsca = await startNsca(t);
      const proxy = await faultProxy(t, nsca.port, fault);
      const config = writeConfig(dir, {
        sources: [{ file: 'auth.log', from: 'start' }],
        monitors: [{ nsca: `127.0.0.1:${proxy.port}`, password: 'secret', timeout: `${waits}s` }],
        fold: { scan: false },
      });
      const agent = denywatch(t, 'run', '--config', config);
      const clients = Array.from({ length: COUNT }, (_, n) => `192.0.2.${n}`);
      appendFileSync(log, clients.map((client, n) => `${refusal(client, n)}\n`).join(''));
      const warnings = () =>
        agent
          .stderr()
          .split('\n')
          .filter((line) => line.startsWith('warning') && line.includes('monitor='));
      await until('a warning', () => warnings().length > 0);
      const begin = { cpu: cpuSeconds(agent.pid), at: performance.now() };
      await until('another try', () => proxy.connections() >= 2);
      const [cpu, seconds] = [
        cpuSeconds(agent.pid) - begin.cpu,
        (performance.now() - begin.at) / 1000,
      ];
      assert.ok(cpu < START + BUSY * seconds, `${cpu} s of CPU in ${seconds} s in which it waits`);
      for (const line of warnings()) assert.match(line, says);
      const kinds = warnings().map((line) => /kind=\S+/.exec(line)?.[0]);
      assert.equal(new Set(kinds).size, kinds.length, agent.stderr());
      const waiting = async () => (await status(t, config))?.monitors[0]?.waiting;
      await until('all to wait', async () => (await waiting()) === COUNT);

      proxy.set(passing);
      const arrived = () =>
        new Set(nsca.commands().map((command) => /sshd-(\S+)/.exec(command)?.[1]));
      await until('all', () => arrived().size === COUNT);
      await until('the end of the trouble', () => agent.stderr().includes('takes results again'));
      assert.deepEqual(arrived(), new Set(clients));
      agent.kill();
      assert.equal(await agent.end(), 0);
    });
  }

  void test('a slow link is no fault: each result arrives once', NEEDS, async (t) => {
    const dir = tempDir(t);
    const log = join(dir, 'auth.log');
    writeFileSync(log, '');
    const nsca = await startNsca(t);
    const proxy = await faultProxy(t, nsca.port, trickling(100, 10));
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [{ nsca: `127.0.0.1:${proxy.port}`, password: 'secret', timeout: '1m' }],
      fold: { scan: false },
    });
    const agent = denywatch(t, 'run', '--config', config);
    for (let n = 0; n < COUNT; n++) appendFileSync(log, `${refusal(`192.0.2.${n}`, n)}\n`);
    await until(
      'the verdict',
      async () => (await status(t, config))?.monitors[0]?.delivered === COUNT,
    );
    agent.kill();
    assert.equal(await agent.end(), 0);
    await until('the commands', () => nsca.commands().length >= COUNT);
    assert.equal(nsca.commands().length, COUNT);
    assert.doesNotMatch(agent.stderr(), /monitor=/);
  });
});
