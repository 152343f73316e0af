/**
 * Results to a command pipe and to gearmand, against what an administrator would write
 * instead: a loop of the recipe's printf into the pipe, one printf for all of them, a process of
 * `gearman` for each job, one process for all of them.
 */
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openGearman } from '../../src/monitor/gearman/gearman.ts';
import type { Monitor } from '../../src/monitor/monitor.ts';
import { openNagios } from '../../src/monitor/nagios/nagios.ts';
import { Queue } from '../../src/queue/queue.ts';
import { startGearmand } from '../support/gearman.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { compare, timed } from './measure.ts';

const RESULTS = 10_000;
/** For what takes a process each. */
const FEW = 500;
const log = pino({ level: 'silent' });

const outputs = Array.from({ length: RESULTS }, (_, n) => `Denied sshd-10.${n >> 8}.0.${n & 255}`);

/** Has a delivery of ours send so many results, with nothing to pace it. */
function delivering(t: TestContext, monitor: Monitor) {
  const queue = new Queue(join(tempDir(t), 'queue.db'), {
    bounds: { results: RESULTS, size: 1 << 30, keep: 86_400_000 },
  });
  t.after(() => queue.close());
  return {
    fill: (count: number) =>
      queue.put(
        outputs.slice(0, count).map((output) => ({
          monitor: monitor.name,
          at: Date.now(),
          host: 'firestorm',
          service: 'TCP Wrappers',
          state: 2,
          output,
          denials: 1,
          value: 0,
        })),
      ),
    send: async () => {
      const box = queue.outbox(monitor.name, { order: 'oldest', digestAfter: null });
      const delivery = startDelivery(monitor, box, { pace: { results: 1000, every: 0 }, log });
      if (!(await delivery.settled())) throw new Error(delivery.state().lastError?.message);
      await delivery.stop(0);
    },
  };
}

/** Results a second, until the last has come out at the other end, where they measure so much. */
async function rate(
  { count, measure }: { count: number; measure: number },
  arrived: () => number,
  send: () => Promise<unknown>,
) {
  const before = arrived();
  const began = performance.now();
  const sent = send();
  await until('all to arrive', () => arrived() >= before + measure, 60_000);
  const seconds = (performance.now() - began) / 1000;
  // What then makes sure that they were taken takes a second, and is no part of it.
  await sent;
  return [count / seconds];
}

test('the command pipe', async (t) => {
  const dir = tempDir(t);
  const [fifo, file] = [join(dir, 'nagios.cmd'), join(dir, 'read')];
  execFileSync('mkfifo', [fifo]);
  writeFileSync(file, '');
  program(t, 'sh', ['-c', 'exec cat < "$0" > "$1"', fifo, file]);
  // Somebody has it open at all times, as Nagios has.
  program(t, 'sh', ['-c', 'exec sleep infinity > "$0"', fifo]);
  const commands = outputs.map(
    (output) => `[1795397380] PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;${output}`,
  );
  const of = (count: number) => ({
    count,
    measure: commands.slice(0, count).reduce((sum, { length }) => sum + length + 1, 0),
  });
  const arrived = () => statSync(file).size;
  const settings = {
    kind: 'nagios',
    name: 'pipe',
    path: fifo,
    config: null,
    timeout: 5000,
  } as const;
  const { fill, send } = delivering(t, openNagios(settings));
  const input = join(dir, 'input');
  writeFileSync(input, `${commands.join('\n')}\n`);
  const ours = async () => {
    fill(RESULTS);
    return rate(of(RESULTS), arrived, send);
  };
  const loop = `while read -r line; do /usr/bin/printf '%s\\n' "$line" > ${fifo}; done`;
  const few = join(dir, 'few');
  writeFileSync(few, `${commands.slice(0, FEW).join('\n')}\n`);
  await compare(
    t,
    [
      {
        what: `${RESULTS} results to a command pipe`,
        unit: 'results/s',
        better: 'more',
        peer: 'a loop of printf',
        wanted: 20,
      },
    ],
    ours,
    async () => rate(of(FEW), arrived, () => timed('sh', ['-c', loop], { stdin: few })),
  );
  await compare(
    t,
    [
      {
        what: `${RESULTS} results to a command pipe`,
        unit: 'results/s',
        better: 'more',
        peer: "a loop of the shell's own printf",
        wanted: 1,
      },
    ],
    ours,
    async () =>
      rate(of(RESULTS), arrived, () =>
        timed('bash', ['-c', loop.replace('/usr/bin/printf', 'printf')], { stdin: input }),
      ),
  );
});

test('gearmand', needs('gearman-job-server', 'gearman-tools'), async (t) => {
  const gearmand = await startGearmand(t);
  const { fill, send } = delivering(t, openGearman(gearmand.settings));
  const input = join(tempDir(t), 'input');
  writeFileSync(input, `${outputs.map((output) => 'x'.repeat(300) + output).join('\n')}\n`);
  const few = join(tempDir(t), 'few');
  writeFileSync(few, `${outputs.slice(0, FEW).join('\n')}\n`);
  const ours = async () => {
    await gearmand.drop();
    fill(RESULTS);
    const began = performance.now();
    await send();
    const seconds = (performance.now() - began) / 1000;
    if ((await gearmand.waiting()) !== RESULTS) throw new Error('not all are there');
    return [RESULTS / seconds];
  };
  const theirs = (count: number, script: string, stdin: string) => async () => {
    await gearmand.drop();
    const { wall } = await timed('sh', ['-c', script], { stdin });
    return [count / wall];
  };
  const gearman = `gearman -h 127.0.0.1 -p ${gearmand.port} -b -f check_results`;
  const what = `${RESULTS} results to gearmand`;
  await compare(
    t,
    [{ what, unit: 'results/s', better: 'more', peer: 'a process for each job', wanted: 20 }],
    ours,
    theirs(FEW, `while read -r line; do printf %s "$line" | ${gearman}; done > /dev/null`, few),
  );
  await compare(
    t,
    [{ what, unit: 'results/s', better: 'more', peer: 'gearman -n for all of them', wanted: 1 }],
    ours,
    theirs(RESULTS, `${gearman} -n > /dev/null`, input),
  );
});
