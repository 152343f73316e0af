/** More logs under a pattern than are open at a time. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openFileSource } from '../../../src/source/file/file.ts';
import { asFilePosition } from '../../../src/source/file/position.ts';
import type { Position } from '../../../src/source/source.ts';
import { FOLD, newPipeline, openQueue, waiting } from '../../support/pipeline.ts';
import { refusal } from '../../support/refusals.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/until.ts';
import { recordFile, type Recorder } from '../recorder.ts';

/** Root reads what nobody may read. */
const NOBODY = 65_534;

/** A directory with logs; of `count` names that sort as numbers do. */
function logsIn(t: TestContext, count: number): { pattern: string; paths: string[] } {
  const dir = tempDir(t);
  const paths = Array.from({ length: count }, (_, i) =>
    join(dir, `h${i % 30}`, `l${String(i).padStart(4, '0')}.log`),
  );
  for (const path of paths) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'old\n');
  }
  chmodSync(dir, 0o755);
  return { pattern: join(dir, '*', '*.log'), paths };
}

test('many logs: few are open, and what is written to any of them is read once', async (t) => {
  const { pattern, paths } = logsIn(t, 600);
  const log = recordFile(t, { path: pattern, from: 'end' });
  await log.source.drained();
  for (const round of [1, 2]) {
    for (const path of paths) appendFileSync(path, `${round}\n`);
    const want = ['1', '2'].slice(0, round).join();
    await until(`round ${round}`, () => paths.every((path) => log.read(path).join() === want));
  }
  const again = await log.restart();
  for (const path of paths) appendFileSync(path, '3\n');
  await until('round 3', () => paths.every((path) => again.read(path).join() === '1,2,3'));
  assert.deepEqual(again.lost, []);
});

test('logs wait while their saved positions cannot be read', async (t) => {
  const { pattern, paths } = logsIn(t, 150);
  let isFailing = false;
  const log = recordFile(t, { path: pattern, from: 'end' }, { failing: () => isFailing });
  await log.source.drained();
  isFailing = true;
  const created = join(paths[0]!, '..', 'created.log');
  writeFileSync(created, 'new\n');
  for (const path of paths) appendFileSync(path, 'later\n');
  await until('a problem', () =>
    log.source.streams().some(({ problem }) => problem?.includes('disk I/O error')),
  );
  isFailing = false;
  await until('the lines', () => paths.every((path) => log.read(path).join() === 'later'));
  await until('the new log', () => log.read(created).join() === 'new');
  assert.deepEqual(log.lost, []);
});

test('a client that swept over 400 logs while nobody read them is one sweep and four denials', async (t) => {
  const { pattern, paths } = logsIn(t, 400);
  const settings = {
    kind: 'file',
    path: pattern,
    from: 'end',
    maxLine: 65_536,
    keepRotated: 5_000,
  } as const;
  const fold = { ...FOLD, scan: { ...FOLD.scan!, hosts: 5 } };
  const queue = openQueue();
  const run = () => {
    const pipeline = newPipeline(queue, [pattern], { fold });
    const source = openFileSource(settings, pipeline);
    const stop = async () => {
      await source.stop();
      pipeline.close();
    };
    return { pipeline, source, stop };
  };
  const first = run();
  await first.source.drained();
  await first.stop();

  const begin = Date.now() - 600_000;
  for (const [n, path] of paths.entries()) {
    const line = refusal('203.0.113.7', n, new Date(begin + n * 125));
    appendFileSync(path, `${line.replace(/ \S+ /, ` web${n} `)}\n`);
  }
  const second = run();
  t.after(async () => {
    await second.stop();
    queue.close();
  });
  const { pipeline } = second;
  await until('all', () => pipeline.state().denials === 400 && pipeline.state().open === 0);
  const outputs = waiting(queue).map(({ output }) => output);
  assert.equal(outputs.length, 5, outputs.join('\n'));
  assert.match(outputs[4]!, /^Sweep from 203\.0\.113\.7: refused by sshd on 400 hosts in 60s/);
});

test('logs that are not read to their end do not keep others from being read', async (t) => {
  const { pattern, paths } = logsIn(t, 110);
  const [busy, others] = [paths.slice(0, 100), paths.slice(100)];
  // Their first block is stored, and then nothing for a while: so they never come to their end.
  for (const path of busy) writeFileSync(path, `${'x'.repeat(99)}\n`.repeat(3_000));
  const taken = new Set<string>();
  let isFull = true;
  const refuse = ({ stream, bytes }: { stream: string; bytes: Buffer }) => {
    if (bytes.length === 0 || others.includes(stream) || !taken.has(stream)) {
      if (bytes.length > 0) taken.add(stream);
      return false;
    }
    return isFull;
  };
  const log = recordFile(t, { path: pattern }, { refuse });
  await until('the others', () => others.every((path) => log.read(path).length === 1));
  isFull = false;
  await until('all', () => busy.every((path) => log.read(path).length === 3_000));
});

const said = ({ log }: Recorder) => log.filter((line) => line.startsWith('cannot read')).length;

test('logs that nobody may read do not keep others from being read', async (t) => {
  const { pattern, paths } = logsIn(t, 150);
  const [hidden, others] = [paths.slice(0, 140), paths.slice(140)];
  for (const path of hidden) chmodSync(path, 0);
  if (process.geteuid?.() === 0) {
    process.seteuid?.(NOBODY);
    t.after(() => process.seteuid?.(0));
  }
  const once = recordFile(t, { path: pattern }, { once: true });
  await once.source.drained();
  assert.ok(others.every((path) => once.read(path).length === 1));
  const log = recordFile(t, { path: pattern });
  await until('the others', () => others.every((path) => log.read(path).length === 1));
  const problems = () => log.source.streams().filter(({ problem }) => problem !== null).length;
  await until('all to be tried', () => problems() === hidden.length);
  assert.equal(said(log), hidden.length);
  if (process.geteuid?.() === NOBODY) process.seteuid?.(0);
  for (const path of hidden) chmodSync(path, 0o644);
  await until('all', () => paths.every((path) => log.read(path).join() === 'old'));
  assert.equal(said(log), hidden.length);
});

/** A line that shows by itself in which log it is: long enough to recognise a copy. */
const lineOf = (path: string, text: string) => `${path} ${text} ${'x'.repeat(80)}`;

/** Writes that line, also to another file. */
function write(path: string, text: string, to = path): void {
  appendFileSync(to, `${lineOf(path, text)}\n`);
}

/** What may be done to a log, and the lines that it has after that and had not before. */
const CHANGES: readonly ((path: string) => string[])[] = [
  (path) => {
    write(path, 'more');
    return ['more'];
  },
  (path) => {
    write(path, 'last');
    renameSync(path, `${path}.1`);
    write(path, 'new');
    return ['last', 'new'];
  },
  (path) => {
    write(path, 'last');
    renameSync(path, `${path}.2`);
    write(path, 'between');
    renameSync(path, `${path}.1`);
    write(path, 'new');
    return ['last', 'between', 'new'];
  },
  (path) => {
    write(path, 'last');
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, '');
    write(path, 'new');
    return ['last', 'new'];
  },
  (path) => {
    copyFileSync(path, `${path}-new`);
    write(path, 'more', `${path}-new`);
    renameSync(`${path}-new`, path);
    return ['more'];
  },
  (path) => {
    rmSync(path);
    write(path, 'again');
    return ['again'];
  },
  (path) => {
    const size = lineOf(path, 'was').length;
    writeFileSync(path, ''); // Without a copy, and at once longer than it was.
    for (const text of ['a', 'b', 'c']) write(path, text + '.'.repeat(size));
    return ['a', 'b', 'c'].map((text) => text + '.'.repeat(size));
  },
];

test('whatever happens to logs that are not open any more, each line is read once', async (t) => {
  const { pattern, paths } = logsIn(t, 350);
  const log = recordFile(t, { path: pattern, from: 'end' });
  await log.source.drained();
  const want = new Map(paths.map((path) => [path, ['was']]));
  const isRead = (path: string) =>
    log.read(path).join() ===
    want
      .get(path)!
      .map((text) => lineOf(path, text))
      .join();
  for (const path of paths) write(path, 'was');
  await until('all to have been live', () => paths.every(isRead), 60_000);
  for (const [n, path] of paths.entries()) {
    const change = CHANGES[n % CHANGES.length]!;
    want.get(path)!.push(...change(path));
  }
  await until('what was done', () => paths.every(isRead), 60_000);
  for (const path of paths) {
    write(path, 'end');
    want.get(path)!.push('end');
  }
  await until('the last lines', () => paths.every(isRead), 60_000);
  // It cannot know that nothing more was written to what was deleted.
  assert.ok(log.lost.every((what) => / is gone, .* after that was not read;/.test(what)));
});

function rotate(paths: readonly string[]): void {
  for (const path of paths) {
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'new\n'); // As long as before: the size alone does not show it.
  }
}

test('300 logs that are rotated at once are all read, and what late writers add', async (t) => {
  const { pattern, paths } = logsIn(t, 300);
  const log = recordFile(t, { path: pattern, from: 'end', keepRotated: 3_600_000 });
  await log.source.drained();
  rotate(paths);
  await until('the new logs', () => paths.every((path) => log.read(path).join() === 'new'));
  for (const path of paths) appendFileSync(`${path}.1`, 'late\n');
  await until('late lines', () => paths.every((path) => log.read(path).join() === 'new,late'));
  assert.deepEqual(log.lost, []);
});

test('the rotated files of 300 logs are closed for good when they got nothing for a while', async (t) => {
  const { pattern, paths } = logsIn(t, 300);
  const log = recordFile(t, { path: pattern, from: 'end', keepRotated: 1_500 });
  await log.source.drained();
  rotate(paths);
  const isDone = (path: string) => {
    const position = log.positions.get(path);
    const { files } = asFilePosition(JSON.parse(position ?? '{}') as Position) ?? { files: [] };
    return files.length > 1 && files.every(({ done }, n) => done === n < files.length - 1);
  };
  await until('all', () => paths.every((path) => isDone(path)));
  assert.ok(paths.every((path) => log.read(path).join() === 'new'));
});
