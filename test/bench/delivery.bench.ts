/** 10,000 results to a real nsca, against send_nsca with the same results in one input. */
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pino } from 'pino';
import { startDelivery } from '../../src/delivery/delivery.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { Queue } from '../../src/queue/queue.ts';
import { startNsca } from '../support/nsca.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { compare, timed } from './measure.ts';

const RESULTS = 10_000;
const METHODS = { XOR: 1, 'AES-256': 14 };

const outputs = Array.from({ length: RESULTS }, (_, n) => `Denied sshd-10.${n >> 8}.0.${n & 255}`);
/** What comes out of the daemon for them. */
const BYTES = outputs.reduce(
  (sum, output) =>
    sum + `[1795397380] PROCESS_SERVICE_CHECK_RESULT;firestorm;TCP Wrappers;2;${output}\n`.length,
  0,
);
const log = pino({ level: 'silent' });

for (const mode of ['--single', '--daemon'] as const) {
  for (const [name, method] of Object.entries(METHODS)) {
    test(`delivery to nsca ${mode}, ${name}`, needs('nsca', 'nsca-client'), async (t) => {
      const dir = tempDir(t);
      const commands = openSink(t, dir);
      const nsca = await startNsca(t, { method, mode, commandFile: commands.fifo });
      const input = join(dir, 'input');
      const config = join(dir, 'send_nsca.cfg');
      const records = outputs.map((output) => `firestorm\tTCP Wrappers\t2\t${output}`);
      writeFileSync(input, records.join('\u0017'));
      writeFileSync(config, `password=secret\nencryption_method=${method}\n`);
      const queue = new Queue(join(dir, 'queue.db'), {
        bounds: { results: RESULTS, size: 1 << 30, keep: 86_400_000 },
      });
      t.after(() => queue.close());

      /** Results a second, from the start until the last has come out of the daemon. */
      const rate = async (send: () => Promise<unknown>) => {
        const before = commands.size();
        const began = performance.now();
        await send();
        await until('all to arrive', () => commands.size() >= before + BYTES, 60_000);
        const seconds = (performance.now() - began) / 1000;
        if (commands.size() > before + BYTES) throw new Error('some came twice');
        return [RESULTS / seconds];
      };

      const ours = async () => {
        queue.put(
          outputs.map((output) => ({
            monitor: nsca.config.name,
            at: Date.now(),
            host: 'firestorm',
            service: 'TCP Wrappers',
            state: 2,
            output,
            denials: 1,
            value: 0,
          })),
        );
        return rate(async () => {
          const pace = { pace: { results: 1000, every: 0 }, log };
          const kept = { order: 'oldest', digestAfter: null } as const;
          const box = queue.outbox(nsca.config.name, kept);
          const delivery = startDelivery(openNsca(nsca.config), box, pace);
          if (!(await delivery.settled())) throw new Error(delivery.state().lastError?.message);
          await delivery.stop(0);
        });
      };
      const sendNsca = async () => {
        const args = ['-H', '127.0.0.1', '-p', `${nsca.port}`, '-to', '120', '-c', config];
        return rate(() => timed('send_nsca', args, { stdin: input }));
      };
      const what = `${RESULTS} results to nsca ${mode}, ${name}`;
      const comparison = { what, unit: 'results/s', better: 'more', peer: 'send_nsca' } as const;
      await compare(t, [{ ...comparison, wanted: 1 }], ours, sendNsca);
    });
  }
}

/**
 * A FIFO that a process of its own reads into a file: it takes no time from ours. It has room for
 * all results (F_SETPIPE_SZ), because nsca drops what doesn't fit.
 */
function openSink(t: TestContext, dir: string) {
  const [fifo, file] = [join(dir, 'commands'), join(dir, 'read')];
  execFileSync('mkfifo', ['-m', '666', fifo]);
  writeFileSync(file, '');
  const script = 'open(STDIN, "+<", shift); fcntl(STDIN, 1031, 1 << 20); exec "cat"';
  program(t, 'sh', ['-c', 'exec perl -e "$0" "$1" > "$2"', script, fifo, file]);
  return { fifo, size: () => statSync(file).size };
}
