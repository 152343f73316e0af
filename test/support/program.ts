import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { endWithUs, hasEnded } from './end-with-us.ts';
import { witness } from './evidence.ts';
import { until } from './until.ts';

/** A program running for a test: what it wrote so far, and its end. */
export interface Program {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Exit status or signal, null while it runs. */
  ended(): number | NodeJS.Signals | null;
  kill(signal?: NodeJS.Signals): void;
  /** Gives it text on standard input. */
  type(text: string): void;
  /** Waits for its end and gives the exit status or signal. */
  end(ms?: number): Promise<number | NodeJS.Signals>;
}

/** How much of what a program wrote is shown when a test fails, characters. */
const SHOWN = 3000;

/**
 * Starts a program; it is killed with its process group when the test ends, or when the process of
 * the tests does.
 */
export function program(
  t: TestContext,
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Program {
  const child = spawn(command, args, { detached: true, stdio: 'pipe', ...options });
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  let ended: number | NodeJS.Signals | null = null;
  child.on('error', (error) => {
    text.stderr += String(error);
    ended = 127;
  });
  child.on('close', (code, signal) => (ended = code ?? signal));
  const pid = child.pid ?? 0;
  if (pid !== 0) endWithUs(pid);
  witness(t, `${command} ${args.join(' ')}`.slice(0, 200), () =>
    ended === 0 ? '' : (text.stdout.slice(-SHOWN) + text.stderr.slice(-SHOWN)).trimEnd(),
  );
  t.after(async () => {
    if (pid === 0) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The whole group is gone already.
    }
    hasEnded(pid);
    if (ended === null) await once(child, 'close');
  });
  return {
    pid,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended: () => ended,
    type: (typed) => void child.stdin?.write(typed),
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    end: async (ms) => {
      await until(`the end of ${command}`, () => ended !== null, ms);
      return ended as unknown as number | NodeJS.Signals;
    },
  };
}
