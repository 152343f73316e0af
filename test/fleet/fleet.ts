/**
 * A fleet returns after an outage: all its agents, with what waits on each, to one real receiver.
 *
 *   npm run fleet                       all receivers, one after the other
 *   npm run fleet 'nsca --single'       one of them
 *
 * FLEET_AGENTS=1000 FLEET_RESULTS=50 FLEET_OUTAGE=600 (seconds). Exit status 1 if a result is lost,
 * a host waits longer than twice the median, or the receiver takes more than 5 s to answer a probe.
 */
import test from 'node:test';
import { cpus, loadavg } from 'node:os';
import { needs } from '../support/packages.ts';
import { RECEIVERS } from './receivers.ts';
import { returnOf, sentenceOf } from './return.ts';

const ANSWER = 5_000;
const whole = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

const asked = process.argv[2];
const options = {
  agents: whole('FLEET_AGENTS', 1000),
  results: whole('FLEET_RESULTS', 50),
  outage: whole('FLEET_OUTAGE', 600) * 1000,
  patience: 600_000,
};

for (const [name, start] of Object.entries(RECEIVERS)) {
  if (asked !== undefined && asked !== name) continue;
  const packages = ['nsca', 'nagios4-core', 'icinga2-bin', 'gearman-job-server'] as const;
  test(`a fleet returns to ${name}`, needs('root', ...packages), async (t) => {
    const receiver = await start(t, options.agents);
    const before = loadavg()[0]!;
    const found = await returnOf(t, receiver, options).catch((error: Error) => {
      process.stdout.write(`${name}: ${error.message}\n`);
      throw error;
    });
    const load = `load ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after, ${cpus().length} cores`;
    process.stdout.write(`${name}: ${sentenceOf(found)}; ${load}\n`);
    const { lost, longest, median, answer } = found;
    const wrong = [
      lost > 0 && `${lost} results are lost`,
      longest > 2 * median && 'a host waited longer than twice the median',
      answer > ANSWER && 'a probe was not answered in 5 s',
    ].filter((text) => text !== false);
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  });
}
