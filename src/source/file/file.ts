/**
 * The source for log files: one configured path, or all files of a directory that match a glob.
 * Each file is a stream, followed by a Tail; chokidar tells when files come and go.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { watch as watchDirectory } from 'chokidar';
import type { FileSettings } from './config.ts';
import { isGlob, rotationOf, streamNames } from './names.ts';
import type { Source, StreamState, Taker } from '../source.ts';
import { Tail, type TailOptions } from './tail.ts';

/**
 * The kernel wakes us; a poll covers what it does not tell (network file systems, dropped events).
 * It slows down while nothing happens, from `first` to `most` ms between looks, or `broken` while
 * there is something that cannot be read.
 */
const POLL = { first: 200, broken: 2_000, most: 10_000 };

const WATCHLESS =
  'cannot watch, looking now and then; where it is for want of watches, raise fs.inotify.max_user_watches';

const NO_LINES = Buffer.alloc(0);

export interface FileSourceOptions {
  /** Read what is there now, by default from the start, and follow nothing. */
  readonly once?: boolean;
}

/** Opens the source: reading begins at once, in the next turn of the event loop. */
export function openFileSource(
  config: FileSettings,
  taker: Taker,
  options: FileSourceOptions = {},
): Source {
  const { path, maxLine, keepRotated } = config;
  const { once = false } = options;
  const from = config.from ?? (once ? 'start' : 'end');
  const directory = dirname(path);
  const glob = isGlob(path) ? basename(path) : null;
  const tails = new Map<string, Tail>();
  /** Why the glob's directory cannot be read. */
  let problem: string | null = null;
  let listed = '';
  let stopped = false;

  const open = (file: string, begin: TailOptions['from']) => {
    const tail = new Tail(file, { taker, from: begin, maxLine, keepRotated, once });
    tail.on('secondary', (name) => taker.log.info({ file, name }, 'reading a rotated file'));
    tail.on('error', (err) => taker.log.warn({ err, file }, WATCHLESS));
    tails.set(file, tail);
    tail.start();
  };

  // What comes under a glob while the agent is away is new, too: the time of its first start is
  // kept as a position of its own.
  const saved = glob === null ? undefined : taker.positionOf(path);
  const since = (saved?.['since'] as number | undefined) ?? Date.now();
  let begin: TailOptions['from'] = saved === undefined ? from : { since };

  /** Finds the glob's files, when its directory has changed. */
  const discover = () => {
    if (glob === null || stopped) return;
    try {
      const { ino, mtimeNs } = statSync(directory, { bigint: true });
      const now = `${ino} ${mtimeNs}`;
      if (now !== listed) {
        for (const name of streamNames(glob, readdirSync(directory))) {
          const file = join(directory, name);
          if (!tails.has(file)) open(file, begin);
        }
        // A change in the same tick of the clock would not show: list again next time.
        listed = Date.now() - Number(mtimeNs / 1_000_000n) < 50 ? '' : now;
      }
      if (problem !== null) taker.log.info({ directory }, 'can be read again');
      problem = null;
      begin = { since };
    } catch (error) {
      const { message } = error as Error;
      if (message !== problem)
        taker.log.warn({ directory }, `cannot list: ${message}; the agent's user must be able to`);
      problem = message;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') begin = { since };
    }
    for (const [file, tail] of tails) {
      if (!tail.gone) continue;
      tails.delete(file);
      void tail.stop();
    }
  };

  const wakeAll = () => {
    discover();
    for (const tail of tails.values()) tail.wake();
  };

  if (glob === null) {
    open(path, from);
  } else {
    if (saved === undefined) taker.take({ stream: path, bytes: NO_LINES, position: { since } });
    discover();
    taker.caughtUp(path);
  }

  const watcher = once
    ? null
    : watchDirectory(directory, {
        depth: 0,
        atomic: false,
        ignoreInitial: true,
        ignorePermissionErrors: true,
        ignored: (name) => name !== directory && !concerns(path, glob, name),
      })
        .on('all', wakeAll)
        .on('error', (err) => taker.log.warn({ err, directory }, WATCHLESS));

  let interval = POLL.first;
  let timer: NodeJS.Timeout | undefined;
  const poll = () => {
    const active = [...tails.values()].map((tail) => tail.wasActive()).includes(true);
    const broken = problem !== null || [...tails.values()].some((tail) => tail.problem !== null);
    interval = active ? POLL.first : Math.min(broken ? POLL.broken : POLL.most, interval * 2);
    wakeAll();
    timer = setTimeout(poll, interval);
  };
  if (!once) timer = setTimeout(poll, interval);

  return {
    streams: (): StreamState[] => {
      const streams = [...tails].map(([stream, tail]) => ({
        stream,
        behind: tail.behind(),
        problem: tail.problem,
      }));
      return problem === null ? streams : [{ stream: path, behind: null, problem }, ...streams];
    },
    drained: async () => {
      discover();
      await Promise.all([...tails.values()].map((tail) => tail.caughtUp()));
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await watcher?.close();
      await Promise.all([...tails.values()].map((tail) => tail.stop()));
    },
  };
}

/** Whether a name in the directory is one of the streams' files, or one rotated from them. */
function concerns(path: string, glob: string | null, name: string): boolean {
  if (glob !== null || name === path) return true;
  return rotationOf(basename(path), basename(name)) !== null;
}
