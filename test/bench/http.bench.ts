/**
 * Results by HTTP: to a real Icinga 2, against curl, once a result and as one process that keeps its
 * connections; and to a stand-in for NRDP, against the same. Of a central log host with 40 services.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openIcinga2 } from '../../src/monitor/icinga2/icinga2.ts';
import type { Monitor } from '../../src/monitor/monitor.ts';
import { openNrdp } from '../../src/monitor/nrdp/nrdp.ts';
import { Queue } from '../../src/queue/queue.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { startNrdp } from '../support/nrdp.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';
import { compare, timed } from './measure.ts';

const RESULTS = 2000;
/** A process for each result takes long enough. */
const LOOP = 100;
const SERVICES = Array.from({ length: 40 }, (_, i) => `service ${i}`);
const log = pino({ level: 'silent' });

const results = Array.from({ length: RESULTS }, (_, i) => ({
  at: Date.now(),
  host: 'firestorm',
  service: SERVICES[i % SERVICES.length]!,
  state: 2 as const,
  output: `Denied sshd-10.0.${i >> 8}.${i & 255}`,
  denials: 1,
  value: 0,
}));

/** Results a second by our delivery, queue and all. */
function sender(queue: Queue, monitor: Monitor) {
  return async () => {
    queue.put(results.map((result) => ({ ...result, monitor: monitor.name })));
    const box = queue.outbox(monitor.name);
    const began = performance.now();
    const delivery = startDelivery(monitor, box, { pace: { results: null, every: 0 }, log });
    if (!(await delivery.settled())) throw new Error(delivery.state().lastError?.message);
    const rate = RESULTS / ((performance.now() - began) / 1000);
    await delivery.stop(0);
    return [rate];
  };
}

/** What curl needs to send these bodies, one request each: a file of options. */
function curlConfig(path: string, common: readonly string[], bodies: readonly string[]): string {
  const requests = bodies.map((body) => [...common, `data = ${JSON.stringify(body)}`].join('\n'));
  writeFileSync(path, requests.join('\nnext\n'));
  return path;
}

interface Peer {
  readonly url: string;
  /** Lines of curl's configuration for each request. */
  readonly options: readonly string[];
  readonly bodies: readonly string[];
}

/** curl in a loop, and one curl with as many connections as we have. */
function curls(dir: string, { url, options, bodies }: Peer) {
  const common = [`url = "${url}"`, 'silent', 'output = "/dev/null"', ...options];
  const all = curlConfig(join(dir, 'all'), common, bodies);
  const one = curlConfig(join(dir, 'one'), common, bodies.slice(0, 1));
  const loop = async () => {
    const script = `for ((i = 0; i < ${LOOP}; i++)); do curl -K "$1"; done`;
    const { wall } = await timed('bash', ['-c', script, 'bash', one]);
    return [LOOP / wall];
  };
  const parallel = async () => {
    const args = ['--parallel', '--parallel-max', '4', '-K', all];
    const { wall } = await timed('curl', args);
    return [bodies.length / wall];
  };
  return { loop, parallel };
}

test('Icinga 2', needs('root', 'icinga2-bin', 'icinga2-common'), async (t) => {
  const objects = SERVICES.map(
    (name) =>
      `object Service "${name}" {\n  import "denywatch-event"\n  host_name = "firestorm"\n  enable_notifications = false\n}\n`,
  );
  const icinga = await startIcinga2(t, { objects: objects.join('') });
  const dir = tempDir(t);
  const queue = new Queue(join(dir, 'queue.db'), {
    bounds: { results: RESULTS, size: 1 << 30, keep: 86_400_000 },
  });
  t.after(() => queue.close());
  const [node] = icinga.nodes;
  const ours = sender(queue, openIcinga2(icinga.config));
  const { loop, parallel } = curls(dir, {
    url: `https://mon:${node!.port}/v1/actions/process-check-result`,
    options: [
      `resolve = "mon:${node!.port}:127.0.0.1"`,
      `cacert = "${join(icinga.dir, 'ca', 'ca.crt')}"`,
      'user = "denywatch:change me"',
      'header = "Accept: application/json"',
    ],
    bodies: results.map(({ host, service, state, output }) =>
      JSON.stringify({
        type: 'Service',
        service: `${host}!${service}`,
        exit_status: state,
        plugin_output: output,
      }),
    ),
  });
  const what = `${RESULTS} results to Icinga 2`;
  const comparison = { what, unit: 'results/s', better: 'more' } as const;
  await compare(t, [{ ...comparison, peer: 'curl in a loop', wanted: 20 }], ours, loop);
  await compare(t, [{ ...comparison, peer: 'curl --parallel', wanted: 1 }], ours, parallel);
});

test('NRDP', async (t) => {
  const nrdp = await startNrdp(t);
  const dir = tempDir(t);
  const queue = new Queue(join(dir, 'queue.db'), {
    bounds: { results: RESULTS, size: 1 << 30, keep: 86_400_000 },
  });
  t.after(() => queue.close());
  const ours = sender(queue, openNrdp(nrdp.config));
  const { loop, parallel } = curls(dir, {
    url: nrdp.config.places[0]!.url.href,
    options: [],
    bodies: results.map(({ host, service, state, output }) => {
      const checkresult = { type: 'service', checktype: '1' };
      const one = { checkresult, hostname: host, servicename: service, state, output };
      return new URLSearchParams({
        token: nrdp.config.token.toString(),
        cmd: 'submitcheck',
        JSONDATA: JSON.stringify({ checkresults: [one] }),
      }).toString();
    }),
  });
  const what = `${RESULTS} results to a stand-in for NRDP`;
  const comparison = { what, unit: 'results/s', better: 'more' } as const;
  await compare(t, [{ ...comparison, peer: 'curl in a loop', wanted: 20 }], ours, loop);
  await compare(t, [{ ...comparison, peer: 'curl --parallel', wanted: 1 }], ours, parallel);
});
