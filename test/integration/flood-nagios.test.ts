import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type TestContext } from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { startNagios, type Nagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const DENIALS = 50_000;
const PROBE_EVERY = 1000;

/** What the recipe would send at once, and how long it is watched, ms. */
const BURST = 5000;
const WATCHED = 10_000;

const ALERT = 'SERVICE ALERT: firestorm;TCP Wrappers;';
const PACKAGES = ['nsca', 'nsca-client', 'nagios4-core'] as const;

/** Outputs of the alerts that Nagios has seen. */
const outputs = (nagios: Nagios) =>
  nagios
    .log()
    .flatMap((line) =>
      line.startsWith(`${ALERT}CRITICAL;HARD;1;`) ? line.slice(ALERT.length + 16) : [],
    );

test(
  'while 50,000 clients are refused in one go Nagios answers at all times, and no count is lost',
  needs(...PACKAGES),
  async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), '');
    const nagios = await startNagios(t);
    const nsca = await startNsca(t, { method: 14, commandFile: nagios.commandFile });
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log', from: 'start' }],
      monitors: [{ nsca: `127.0.0.1:${nsca.port}`, encryption: 'aes', password: 'secret' }],
      fold: { storm: { every: '10s' } },
    });
    const agent = denywatch(t, 'run', '--config', config);
    const reported = () => outputs(nagios).reduce((sum, output) => sum + countIn(output), 0);
    await until(
      'the log to be open',
      async () => (await status(t, config))?.agent?.streams.length === 1,
    );

    const at = new Date();
    const lines = Array.from({ length: DENIALS }, (_, n) => {
      return `${refusal(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, n, at)}\n`;
    });
    appendFileSync(join(dir, 'auth.log'), lines.join(''));

    const answers: number[] = [];
    // A Nagios that was overrun never answers.
    const end = Date.now() + 600_000;
    while (reported() < DENIALS || answers.length < 5) {
      assert.ok(Date.now() < end, `${reported()} of ${DENIALS} were reported\n${agent.stderr()}`);
      answers.push(await probe(t, nagios, config, answers.length));
      await pause(PROBE_EVERY);
    }
    t.diagnostic(`${answers.length} probes, answered within ${Math.max(...answers)} ms`);
    t.diagnostic(
      `${outputs(nagios).length} alerts, the longest: ${outputs(nagios).toSorted(byLength)[0]}`,
    );
    assert.equal(reported(), DENIALS);
    const { denials } = (await status(t, config))?.totals ?? {};
    assert.equal(denials, DENIALS);
    const notified = () =>
      nagios.log().filter((line) => /^SERVICE NOTIFICATION: .*;CRITICAL;/.test(line)).length;
    await until('the notifications', () => notified() >= outputs(nagios).length);
    assert.equal(notified(), outputs(nagios).length);
    agent.kill();
    assert.equal(await agent.end(), 0);
  },
);

test(
  "the recipe's way, for comparison: 5,000 results in one burst through send_nsca",
  needs(...PACKAGES),
  async (t) => {
    const dir = tempDir(t);
    const nagios = await startNagios(t);
    const nsca = await startNsca(t, { commandFile: nagios.commandFile });
    const send = join(dir, 'send_nsca.cfg');
    writeFileSync(send, 'password=secret\nencryption_method=1\n');
    const results = Array.from(
      { length: BURST },
      (_, n) => `firestorm\tTCP Wrappers\t2\tDenied sshd-10.0.${n >> 8}.${n & 255}\n\u0017`,
    );
    writeFileSync(join(dir, 'results'), results.join(''));
    const command = `/usr/sbin/send_nsca -H 127.0.0.1 -p ${nsca.port} -c ${send} < ${dir}/results`;
    const sent = program(t, 'sh', ['-c', command]);
    assert.equal(await sent.end(), 0, sent.stdout() + sent.stderr());
    await pause(WATCHED);
    await until('some', () => outputs(nagios).length > 0);
    const arrived = outputs(nagios).length;
    t.diagnostic(`${arrived} of ${BURST} arrived in Nagios within ${WATCHED / 1000} s`);
    assert.ok(arrived <= BURST);
  },
);

/** Sends a probe and gives how long it took until Nagios had it, ms. */
async function probe(t: TestContext, nagios: Nagios, config: string, n: number): Promise<number> {
  const result = ['firestorm', 'TCP Wrappers', 'warning', `probe ${n}`];
  const began = Date.now();
  const send = denywatch(t, 'send', '--now', '--config', config, ...result);
  await until(`the answer to probe ${n}`, () =>
    nagios.log().includes(`${ALERT}WARNING;HARD;1;probe ${n}`),
  );
  const took = Date.now() - began;
  assert.equal(await send.end(), 0, send.stderr());
  return took;
}

/** How many denials an alert counts. */
function countIn(output: string): number {
  return Number(/^Denied (\d+) connections? /.exec(output)?.[1] ?? 1);
}

function byLength(a: string, b: string): number {
  return b.length - a.length;
}
