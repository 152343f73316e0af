import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { denywatch, status, writeConfig } from '../support/agent.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

void describe("the log's directory", { concurrency: 3 }, () => {
  for (const source of ['auth.log', '*.log']) {
    for (const how of ['renamed', 'removed']) {
      void test(`${how} and created again: no line is lost, read as ${source}`, async (t) => {
        const dir = tempDir(t);
        const logs = join(dir, 'logs');
        const log = join(logs, 'auth.log');
        mkdirSync(logs);
        writeFileSync(log, `${refusal('192.0.2.1', 1)}\n`);
        const config = writeConfig(dir, {
          sources: [{ file: join('logs', source), from: 'start' }],
          monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
          fold: { scan: false },
        });
        const agent = denywatch(t, 'run', '--config', config);
        const denials = async () => (await status(t, config))?.totals['denials'] ?? 0;
        await until('the first', async () => (await denials()) === 1);

        // The last line comes in the same moment as the directory goes.
        appendFileSync(log, `${refusal('192.0.2.2', 2)}\n`);
        if (how === 'renamed') renameSync(logs, join(dir, 'logs.old'));
        else rmSync(logs, { recursive: true });
        mkdirSync(logs);
        writeFileSync(log, `${refusal('192.0.2.3', 3)}\n`);
        const all = (n: number) => until(`${n}`, async () => (await denials()) === n);
        await all(3);

        // A rotation in the new one is followed too.
        renameSync(log, `${log}.1`);
        appendFileSync(`${log}.1`, `${refusal('192.0.2.4', 4)}\n`);
        writeFileSync(log, `${refusal('192.0.2.5', 5)}\n`);
        await all(5);
        assert.doesNotMatch(agent.stderr(), /lost/);
        agent.kill();
        assert.equal(await agent.end(), 0);
      });
    }
  }
});
