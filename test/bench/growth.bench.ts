/** Ten million lines: what a line costs at the end of them, and what memory reading them takes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { writeConfig } from '../support/agent.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { EXECUTABLE, SERVICE } from './executable.ts';
import { MB, writeLog } from './logs.ts';
import { compare } from './measure.ts';

const LINES = 10_000_000;

test('ten million lines', async (t) => {
  const dir = tempDir(t);
  const log = join(dir, 'auth.log');
  const { refusals, bytes, millions } = writeLog(log, { lines: LINES });

  let first: number[] = [];
  const last = async () => {
    const child = fork(join(import.meta.dirname, 'growth.ts'), [log, mkdtempSync(`${dir}/round-`)]);
    const [reached] = (await once(child, 'message')) as [[offset: number, ms: number][]];
    await once(child, 'close');
    /** Lines a second in the million that ends with the one at this place. */
    const rate = (place: number) => {
      const end = reached.find(([offset]) => offset >= millions[place]!)!;
      const begin =
        place === 0 ? reached[0]! : reached.findLast(([offset]) => offset <= millions[place - 1]!)!;
      const share = (end[0] - begin[0]) / (millions[place]! - (millions[place - 1] ?? 0));
      return (share * 1_000_000 * 1000) / (end[1] - begin[1]);
    };
    // Not the very first million: its time is that of the compiler.
    first = [rate(1)];
    return [rate(millions.length - 1)];
  };
  const what = `lines read and stored, the last million of ${LINES / 1e6}`;
  const comparison = { what, unit: 'lines/s', better: 'more', peer: 'the second million' } as const;
  await compare(t, [{ ...comparison, wanted: 0.8 }], last, async () => first);

  const size = Math.round(bytes / MB);
  const memory = {
    what: `memory of the agent while it catches up with ${size} MB`,
    unit: 'MB',
    better: 'less',
    peer: 'the same agent with an empty log',
    wanted: null,
    bound: 75,
  } as const;
  const empty = join(dir, 'empty.log');
  writeLog(empty, { lines: 0 });
  const idle = () => resident(t, dir, empty, 0);
  await compare(t, [memory], () => resident(t, dir, log, refusals), idle);

  const flood = join(dir, 'flood.log');
  const { refusals: many } = writeLog(flood, { bytes: 60 * MB }, 1);
  const inFlood = {
    ...memory,
    what: `the same with ${many} refusals and nothing else`,
    bound: 100,
  };
  await compare(t, [inFlood], () => resident(t, dir, flood, many), idle, { rounds: 3 });
});

/** Most memory that an agent had resident until it had read a log, MB (of 2^20 bytes, as in ps). */
async function resident(t: TestContext, dir: string, log: string, refusals: number) {
  const round = mkdtempSync(join(dir, 'round-'));
  const config = writeConfig(round, {
    sources: [{ file: log, from: 'start' }],
    monitors: [{ nsca: '127.0.0.1:9', encryption: 'xor', password: 'secret' }],
  });
  const agent = program(t, EXECUTABLE, ['run', '--config', config], { env: SERVICE });
  await until('the agent', () => agent.stderr().includes('reporting to'));
  await until('all to be read', () => denials(join(round, 'queue.db')) === refusals, 60_000);
  const most = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1];
  agent.kill();
  await agent.end();
  return [Number(most) / 1024];
}

function denials(path: string): number | null {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    const row = db.prepare("SELECT value FROM total WHERE name = 'denials'").get();
    return Number(row?.['value'] ?? 0);
  } catch {
    return null; // It is not there yet.
  } finally {
    db?.close();
  }
}
