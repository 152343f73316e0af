import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { denywatch, status, verified, writeConfig } from '../support/agent.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const HOUR = 3_600_000;

interface Verdict {
  readonly isGood: boolean;
  readonly counted: number;
  readonly unread: number;
  readonly brought: number;
  readonly differences: { hour: string; host: string; client: string; missing: number }[];
  readonly unreported: number;
  readonly results: { monitor: string; results: number; denials: number }[];
}

function given(t: TestContext, more: object = {}, from = 'start') {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  const config = writeConfig(dir, {
    sources: [{ file: 'auth.log', from }],
    monitors: [{ nsca: '127.0.0.1:1', password: 'p', name: 'nsca' }],
    ...more,
  });
  let pid = 100;
  return {
    dir,
    log,
    config,
    write: (client: string, at = new Date()) =>
      appendFileSync(log, `${refusal(client, pid++, at)}\n`),
    /** Reads to the end, and leaves the results in the queue. */
    run: async () => {
      const agent = denywatch(t, 'run', '--once', '--config', config);
      await agent.end();
      assert.match(agent.stderr(), /the rest waits in the queue|^reading/m);
    },
    change: (sql: string) => {
      const db = new DatabaseSync(join(dir, 'queue.db'));
      db.exec(sql);
      db.close();
    },
    verify: async (...args: string[]) => {
      const verb = denywatch(t, 'verify', '--config', config, ...args, '--json');
      const exit = await verb.end();
      assert.notEqual(verb.stdout(), '', verb.stderr());
      return { exit, ...(JSON.parse(verb.stdout()) as Verdict) };
    },
    text: async (...args: string[]) => {
      const verb = denywatch(t, 'verify', '--config', config, ...args);
      await verb.end();
      return verb.stdout();
    },
  };
}

test('each refusal in rotated, compressed and new logs is accounted for', async (t) => {
  const { log, config, write, run, verify } = given(t);
  write('192.0.2.1', new Date(Date.now() - 3 * HOUR));
  write('192.0.2.1', new Date(Date.now() - 3 * HOUR + 1000));
  await run();
  writeFileSync(`${log}.2.gz`, gzipSync(readFileSync(log)));
  rmSync(log);
  write('192.0.2.2', new Date(Date.now() - 2 * HOUR));
  await run();
  renameSync(log, `${log}.1`);
  write('192.0.2.3');
  const { exit, unread, counted } = await verify();
  assert.deepEqual({ exit, unread, counted }, { exit: 0, unread: 1, counted: 3 });
  await run();
  assert.equal(await verified(t, config), 'all accounted for: 4 refusals, 4 in 4 waiting alerts');
});

test('a line that was taken out of the history is missing, with its hour, host and client', async (t) => {
  const { write, run, change, verify, text } = given(t);
  const then = new Date(Date.now() - 2 * HOUR);
  write('192.0.2.1', then);
  write('192.0.2.2', then);
  write('192.0.2.1');
  await run();
  change(`DELETE FROM history WHERE client = '192.0.2.1' AND hour <= ${then.getTime()}`);
  const { exit, differences } = await verify();
  const hour = new Date(Math.floor(then.getTime() / HOUR) * HOUR).toISOString();
  const [{ host } = { host: '' }] = differences;
  assert.match(refusal('x', 1), new RegExp(` ${RegExp.escape(host)} sshd`));
  assert.deepEqual(differences, [
    { hour, host, daemon: 'sshd', client: '192.0.2.1', counted: 0, logged: 1, missing: 1 },
  ]);
  assert.equal(exit, 1);
  assert.match(
    await text(),
    /^NOT all accounted for: [^]*192\.0\.2\.1: 1 refusal in the logs and not/,
  );
});

test('what was counted from a log that is gone is named too', async (t) => {
  const { log, write, run, verify } = given(t);
  write('192.0.2.1');
  await run();
  renameSync(log, `${log}.1`);
  write('192.0.2.2');
  await run();
  rmSync(`${log}.1`);
  const { exit, differences } = await verify();
  assert.deepEqual(
    differences.map(({ client, missing }) => ({ client, missing })),
    [{ client: '192.0.2.1', missing: -1 }],
  );
  assert.equal(exit, 1);
});

test('a result or an open window that was taken out of the queue is missing', async (t) => {
  const { write, run, change, verify } = given(t);
  write('192.0.2.1');
  write('192.0.2.1');
  write('192.0.2.2');
  await run();
  change('DELETE FROM result WHERE id = 1');
  const { exit, results, unreported, differences } = await verify();
  assert.deepEqual({ exit, unreported, differences }, { exit: 1, unreported: 0, differences: [] });
  assert.deepEqual(
    results.map(({ monitor, results: count, denials }) => ({ monitor, count, denials })),
    [{ monitor: 'nsca', count: 1, denials: 1 }],
  );
  change('DELETE FROM fold');
  assert.equal((await verify()).unreported, 1);
});

test('what was there before the first start, and what denied brought, is no difference', async (t) => {
  const { log, config, write, run, verify } = given(t, {}, 'end');
  write('192.0.2.1');
  renameSync(log, `${log}.1`);
  write('192.0.2.2');
  const agent = denywatch(t, 'run', '--config', config);
  await until('the start', async () => (await status(t, config))?.agent?.streams.length === 1);
  write('192.0.2.3');
  const count = async () => (await status(t, config))?.totals['denials'];
  await until('the refusal', async () => (await count()) === 1);
  assert.equal(await denywatch(t, 'denied', '--config', config, '192.0.2.4', 'in.ftpd').end(), 0);
  await until('both', async () => (await count()) === 2);
  const beside = await verify();
  assert.deepEqual(
    { exit: beside.exit, counted: beside.counted, brought: beside.brought },
    { exit: 0, counted: 2, brought: 1 },
    JSON.stringify(beside),
  );
  agent.kill();
  await agent.end();
  write('192.0.2.5');
  await run();
  const { exit, counted, unread } = await verify();
  assert.deepEqual({ exit, counted, unread }, { exit: 0, counted: 3, unread: 0 });
});

test('one host of a central log host is verified alone, without its alerts', async (t) => {
  const { dir, run, change, verify, text } = given(t, {
    host: '{host}',
    hosts: { other: 'loghost' },
    sources: [{ file: '*.log', from: 'start' }],
  });
  const write = (host: string, client: string, at = new Date()) => {
    const line = `${at.toISOString()} ${host} sshd[7]: refused connect from ${client} (${client})\n`;
    appendFileSync(join(dir, `${host}.log`), line);
  };
  write('web1', '192.0.2.1', new Date(Date.now() - 2 * HOUR));
  write('web1', '192.0.2.2');
  write('web2', '192.0.2.3');
  await run();
  write('web1', '192.0.2.4');
  write('web2', '192.0.2.4');
  change("DELETE FROM history WHERE client = '192.0.2.3'; DELETE FROM result");
  const web1 = await verify('--host', 'web1');
  const { exit, counted, unread } = web1;
  assert.deepEqual({ exit, counted, unread }, { exit: 0, counted: 2, unread: 1 });
  assert.ok(!('results' in web1));
  const web2 = await verify('--host', 'web2');
  assert.deepEqual(
    [web2.exit, ...web2.differences.map(({ host, client }) => `${host} ${client}`)],
    [1, 'web2 192.0.2.3'],
  );
  assert.equal((await verify()).exit, 1);
  assert.match(
    await text('--host', 'web1'),
    /^all counted: 2 refusals on web1, 1 in the logs and not read yet\nnote: without --host /,
  );
  assert.match(await text('--host', 'web2'), /^NOT all counted: 0 refusals on web2, 1 in the logs/);
  assert.match(
    await text('--host', 'web3'),
    /^all counted: 0 refusals on web3\nnote: no refusal on web3/,
  );

  // The log of web1 is gone: that of web2 is no reason to believe that it was not.
  write('web2', '192.0.2.5', new Date(Date.now() - 5 * HOUR));
  rmSync(join(dir, 'web1.log'));
  assert.match(
    await text('--host', 'web1'),
    /^NOT all counted: [^]* reason: logs of that time are gone/,
  );
});

test('removed, ignored and digested refusals are accounted for', async (t) => {
  const { config, write, run, change, text } = given(t, {
    rules: [{ if: { client: '192.0.2.200' }, ignore: true }],
    fold: { scan: false, storm: false },
  });
  for (let n = 1; n <= 12; n++) write(`192.0.2.${n}`);
  write('192.0.2.200');
  await run();
  change("UPDATE result SET refused = 'no such service' WHERE id = 1");
  assert.match(await text(), /^all accounted for: .*1 in 1 refused alert set aside, 1 ignored by/);
  const drop = denywatch(t, 'queue', 'drop', '--all', '--config', config);
  assert.equal(await drop.end(), 0, drop.stderr());
  assert.match(
    await text(),
    /^all accounted for: 13 refusals, 11 in 11 waiting alerts, 1 in 1 alert removed by denywatch queue, 1 ignored/,
  );
  change(
    `UPDATE result SET queued = queued - ${2 * HOUR}; UPDATE monitor SET failures = 0, next = 0`,
  );
  await run();
  assert.match(await verified(t, config), /11 in (1|11) waiting alerts?, 1 in 1 alert removed/);
});

test('where hosts are not counted by name, their hour is compared as a whole, and that is said', async (t) => {
  const { dir, run, change, verify, text } = given(t, {
    host: '{host}',
    hosts: { other: 'loghost' },
    sources: [{ file: '*.log', from: 'start' }],
    history: { clients: 100 },
    fold: { storm: false },
  });
  const lines = Array.from({ length: 300 }, (_, n) => {
    const client = `192.0.${n >> 8}.${n & 255}`;
    return `${new Date().toISOString()} web${n} sshd[7]: refused connect from ${client} (${client})\n`;
  });
  appendFileSync(join(dir, 'all.log'), lines.join(''));
  await run();
  assert.match(
    await text('--host', 'web7'),
    /^all counted: [^]*note: in \d hours? not all hosts were counted individually/,
  );
  change("UPDATE history SET denials = denials - 1 WHERE daemon = ''");
  const { exit, differences } = await verify('--host', 'web7');
  assert.deepEqual([exit, ...differences.map(({ host }) => host)], [1, '']);
});
