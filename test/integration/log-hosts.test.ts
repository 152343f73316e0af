/** Two central log hosts with the files of etc/rsyslog, and what denywatch reads on them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { denywatch, writeConfig } from '../support/agent.ts';
import { needs } from '../support/packages.ts';
import { startSite, type LogHost, type Site } from '../support/rsyslog.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('root', 'rsyslog', 'rsyslog-relp', 'openssl');
const HOSTS = Array.from({ length: 20 }, (_, n) => `web${String(n).padStart(2, '0')}`);
/** windowSize in etc/rsyslog/sender.conf. */
const WINDOW = 8;

/** Writes refusals, each of another client, and keeps what was written as `host client`. */
class Refusals {
  readonly logged = new Set<string>();
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  /** Gives what was logged, by host. */
  async log(each: number): Promise<string[][]> {
    const batch = HOSTS.map((name) => Array.from({ length: each }, () => this.#next(name)));
    await Promise.all(batch.map((lines, n) => this.#site.hosts[n]!.log(lines.map(message))));
    return batch;
  }

  #next(host: string): string {
    const n = this.logged.size;
    const line = `${host} 10.0.${n >> 8}.${n & 255}`;
    this.logged.add(line);
    return line;
  }
}

const message = (line: string) => line.replace(/^\S+ (\S+)$/, 'refused connect from $1 ($1)');

/** What a log host has, as `host client`. */
function arrived(logHost: LogHost): string[] {
  return logHost.lines().map((line) => {
    const found = /^\S+ (\S+) sshd\[7\]: refused connect from (\S+) /.exec(line);
    assert.ok(found, line);
    return `${found[1]} ${found[2]}`;
  });
}

/** Logs on every host until one line of each that was logged since then is on this log host. */
async function logUntilTakenBy(logHost: LogHost, refusals: Refusals): Promise<void> {
  const missing = new Map<string, Set<string>>(HOSTS.map((name) => [name, new Set()]));
  await until('a line of each host', async () => {
    const batch = await refusals.log(1);
    HOSTS.forEach((name, n) => missing.get(name)?.add(batch[n]![0]!));
    await pause(500);
    const here = new Set(arrived(logHost));
    for (const [name, lines] of missing)
      if ([...lines].some((line) => here.has(line))) missing.delete(name);
    return missing.size === 0;
  });
}

/** What denywatch reports for the files of a log host, as `host client`. */
async function reported(t: TestContext, { dir, pattern }: LogHost): Promise<string[]> {
  const config = writeConfig(dir, {
    host: '{host}',
    hosts: { other: 'loghost' },
    sources: [{ file: pattern }],
    fold: { window: 0, scan: false, storm: false },
  });
  const run = denywatch(t, 'run', '--dry-run', '--once', '--config', config);
  assert.equal(await run.end(), 0, run.stderr());
  return Array.from(
    run.stdout().matchAll(/^(\S+)\t.*\tDenied sshd-(\S+)/gm),
    ([, host, client]) => `${host} ${client}`,
  );
}

void test(
  'what 20 hosts log is on one of two log hosts, whichever of them is killed',
  NEEDS,
  async (t) => {
    const site = await startSite(t, tempDir(t), { names: HOSTS });
    const [first, second] = site.logHosts;
    const refusals = new Refusals(site);
    const here = () => new Set([...arrived(first), ...arrived(second)]);
    const missing = () => [...refusals.logged].filter((line) => !here().has(line));

    await refusals.log(10);
    await until('the first lines', () => missing().length === 0);

    await refusals.log(10);
    await first.kill('SIGKILL');
    await refusals.log(10);
    await logUntilTakenBy(second, refusals);

    await first.start();
    await logUntilTakenBy(first, refusals);
    await until('all lines', () => missing().length === 0);

    const lines = [await reported(t, first), await reported(t, second)] as const;
    assert.deepEqual(lines[0].toSorted(), arrived(first).toSorted());
    assert.deepEqual(lines[1].toSorted(), arrived(second).toSorted());
    const onBoth = new Set(lines[0]).intersection(new Set(lines[1]));
    assert.deepEqual([...onBoth], []);
    const twice = lines.flat().length - refusals.logged.size;
    t.diagnostic(
      `${refusals.logged.size} logged, ${lines[1].length} on the second, ${twice} twice`,
    );
    assert.ok(twice >= 0 && twice <= WINDOW * HOSTS.length, `${twice} twice`);
    assert.equal(new Set(lines.flat()).size, refusals.logged.size);
  },
);

void test('a host cannot give itself a name that leads out of the directory', NEEDS, async (t) => {
  const dir = tempDir(t);
  const names = ['../../../evil', '..', '.', 'a/../../b', 'UPPER', 'x'.repeat(300)];
  // RFC 5424 carries any name.
  const site = await startSite(t, dir, { names, template: 'RSYSLOG_SyslogProtocol23Format' });
  await Promise.all(site.hosts.map((host) => host.log(['a line'])));
  // On a slow machine the second may have some of them.
  const logs = () =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' }).flatMap((path) =>
      path.endsWith('.log') ? path.replace(/^loghost2/, 'loghost1') : [],
    );
  const wanted = ['.._.._.._evil', '_', '_.', 'a_.._.._b', 'upper', 'x'.repeat(64)];
  await until('a log of each', () => logs().length === names.length);
  assert.deepEqual(
    logs().toSorted(),
    wanted.map((name) => `loghost1/remote/${name}/auth.log`).toSorted(),
  );
});
