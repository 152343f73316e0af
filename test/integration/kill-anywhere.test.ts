import assert from 'node:assert/strict';
import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { describe } from 'node:test';
import { CLI, verified, writeConfig } from '../support/agent.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { randomFrom } from '../support/random.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** Kills of all agents together; DENYWATCH_KILLS=2000 looks longer. */
const KILLS = Number(process.env['DENYWATCH_KILLS'] ?? 120);
const AGENTS = 2;
/** An agent is killed somewhere between its start and so many times what the first start took. */
const LIFE = 1.3;
/** A refusal is written each so many ms, and the log rotated each so many. */
const WRITE = 10;
const ROTATE = 1300;
/** The slower the machine, the more refusals are written meanwhile, and the longer they take, ms. */
const PATIENCE = 300_000;

/** Writes refusals of ever new clients, and rotates, until it is stopped; gives the clients. */
function writer(log: string) {
  const clients: string[] = [];
  const write = () => {
    const n = clients.length;
    const client = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    clients.push(client);
    appendFileSync(log, `${refusal(client, n)}\n`);
  };
  let files = 0;
  const rotate = () => {
    for (let n = files++; n > 0; n--) renameSync(`${log}.${n}`, `${log}.${n + 1}`);
    renameSync(log, `${log}.1`);
    write();
  };
  const timers = [setInterval(write, WRITE), setInterval(rotate, ROTATE)];
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      return clients;
    },
  };
}

void describe('killed at any moment', { concurrency: AGENTS }, () => {
  for (let one = 1; one <= AGENTS; one++) {
    void test(
      `each refusal arrives, with kill -9 ${KILLS / AGENTS} times over (${one})`,
      needs('nsca'),
      async (t) => {
        const dir = tempDir(t);
        const log = join(dir, 'auth.log');
        writeFileSync(log, '');
        const nsca = await startNsca(t, { mode: '--single' });
        const config = writeConfig(dir, {
          sources: [{ file: 'auth.log', from: 'start' }],
          monitors: [{ nsca: `127.0.0.1:${nsca.port}`, password: 'secret' }],
          fold: { scan: false, storm: false, keys: 1_000_000 },
        });
        const env = { ...process.env, NODE_COMPILE_CACHE: join(dir, 'cache') };
        const run = () => program(t, process.execPath, [CLI, 'run', '--config', config], { env });
        // The file is known before it is first rotated.
        const began = performance.now();
        const first = run();
        await until('the agent', () => existsSync(join(dir, 'queue.db-wal')));
        const life = LIFE * (performance.now() - began);
        const { stop } = writer(log);
        t.after(stop);
        await until('the first result', () => nsca.commands().length > 0);
        first.kill('SIGKILL');
        const random = randomFrom(one);
        let said = '';
        for (let kill = 1; kill < KILLS / AGENTS; kill++) {
          const agent = run();
          await pause((random(1000) / 1000) * life);
          agent.kill('SIGKILL');
          assert.equal(await agent.end(), 'SIGKILL', agent.stderr());
          said += agent.stderr();
        }
        const clients = stop();
        const agent = run();
        const arrived = () => nsca.commands().map((line) => /;Denied sshd-(\S+)/.exec(line)?.[1]);
        const last = clients.at(-1);
        await until('the last', () => arrived().includes(last), PATIENCE).catch(() => {});
        await until('the end', () => new Set(arrived()).size === clients.length).catch(() => {});
        agent.kill();
        assert.equal(await agent.end(), 0);
        const came = arrived();
        const twice = came.length - new Set(came).size;
        t.diagnostic(`${clients.length} refusals, ${KILLS / AGENTS} kills: ${twice} arrived twice`);
        const missing = clients.filter((client) => !came.includes(client));
        assert.deepEqual(missing, [], `${said}${agent.stderr()}`);
        t.diagnostic(await verified(t, config));
        assert.doesNotMatch(said, /^(warning|error): (?!.*holds a secret)/m);
      },
    );
  }
});
