/** The rules and the dashboard of etc/, with a real Prometheus that scrapes a real node_exporter. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test, { type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { denywatch, writeConfig } from '../support/agent.ts';
import { freePort } from '../support/free-port.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { refusal } from '../support/refusals.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const NEEDS = needs('prometheus', 'prometheus-node-exporter');
const RULES = new URL('../../etc/prometheus/denywatch.rules.yml', import.meta.url).pathname;
const RULES_TEST = new URL('prometheus.rules.yml', import.meta.url).pathname;
const DASHBOARD = new URL('../../etc/grafana/denywatch.json', import.meta.url).pathname;

function promtool(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

test('promtool accepts the rules, and each of them fires when it must', NEEDS, () => {
  promtool('check', 'rules', RULES);
  promtool('test', 'rules', RULES_TEST);
});

interface Prometheus {
  /** What its API has at a path. */
  get(path: string, query?: Record<string, string>): Promise<unknown>;
}

/** Starts a Prometheus that scrapes this target each second, with the shipped rules. */
async function startPrometheus(t: TestContext, dir: string, target: string): Promise<Prometheus> {
  const port = await freePort();
  const config = join(dir, 'prometheus.yml');
  const every = { scrape_interval: '1s', evaluation_interval: '1s' };
  const scrape = { job_name: 'node', static_configs: [{ targets: [target] }] };
  writeFileSync(
    config,
    stringify({ global: every, rule_files: [RULES], scrape_configs: [scrape] }),
  );
  program(t, 'prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('Prometheus', () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    async get(path, query = {}) {
      const response = await fetch(
        `${url}/api/v1/${path}?${new URLSearchParams(query).toString()}`,
      );
      const answer = (await response.json()) as { status: string; data: unknown; error?: string };
      assert.equal(answer.status, 'success', `${path}: ${answer.error}`);
      return answer.data;
    },
  };
}

/** The names of the alerts that are pending or firing. */
async function alertsOf(prometheus: Prometheus): Promise<string[]> {
  const { alerts } = (await prometheus.get('alerts')) as {
    alerts: { labels: { alertname: string } }[];
  };
  return alerts.map(({ labels }) => labels.alertname).toSorted();
}

/** An agent in trouble: one log is missing, and nobody listens where its monitor should be. */
function startAgent(t: TestContext, dir: string, metrics: string): string {
  const log = join(dir, 'auth.log');
  writeFileSync(log, '');
  const config = writeConfig(dir, {
    sources: [{ file: log, from: 'start' }, { file: join(dir, 'missing', 'syslog') }],
    monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    metrics: { file: metrics },
  });
  denywatch(t, 'run', '--config', config);
  return log;
}

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

test(
  'a Prometheus that reads the metrics through node_exporter raises the alerts and fills the dashboard',
  NEEDS,
  async (t) => {
    const dir = tempDir(t);
    const collected = join(dir, 'node-exporter');
    mkdirSync(collected);
    const log = startAgent(t, dir, join(collected, 'denywatch.prom'));
    const target = `127.0.0.1:${await freePort()}`;
    program(t, 'prometheus-node-exporter', [
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${collected}`,
      `--web.listen-address=${target}`,
    ]);
    const prometheus = await startPrometheus(t, dir, target);
    appendFileSync(log, `${refusal('192.0.2.9', 1)}\n`);

    await t.test('alerts', async () => {
      const wanted = ['DenywatchMonitorDown', 'DenywatchSourceUnreadable'];
      await until(`these alerts and no others: ${wanted.join(' ')}`, async () =>
        isDeepStrictEqual(await alertsOf(prometheus), wanted),
      );
    });

    await t.test('dashboard', async () => {
      const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: Panel[] };
      for (const { title, targets } of panels)
        for (const { expr } of targets) {
          // As Grafana fills them in.
          const query = expr
            .replaceAll('$host', '.*')
            .replaceAll(/\$__(range|rate_interval)/g, '1m');
          await until(`a value of ${title}: ${query}`, async () => {
            const { result } = (await prometheus.get('query', { query })) as {
              result: unknown[];
            };
            return result.length > 0;
          });
        }
    });
  },
);
