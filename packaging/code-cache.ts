/**
 * Compiles the bundle for one verb: runs it as that verb, and writes the code that V8 has compiled by
 * then. V8 compiles a function when it is first called, so without running it there would be next to
 * nothing in it, and each start of the executable would compile the rest again.
 *
 *   node packaging/code-cache.ts BUNDLE OUTPUT VERB
 */
import fs, { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import v8 from 'node:v8';
import { Script } from 'node:vm';

/** The verbs that somebody waits for or that run often, and how each is run. */
export const RUNS: Readonly<Record<string, readonly string[]>> = {
  run: ['--config', 'denywatch.yaml'],
  denied: ['--config', 'denywatch.yaml', '192.0.2.1', 'sshd'],
  send: ['--config', 'denywatch.yaml', 'gw', 'load', '0', 'fine'],
  explain: ['auth.log'],
  // For all others.
  '--version': [],
};

const CONFIG = `
sources: [{ file: auth.log }]
monitors: [{ nagios: spool }]
queue: { path: queue.db }
`;
const LOG = `
2026-11-22T21:56:43+00:00 gw sshd[7]: refused connect from 192.0.2.9 (192.0.2.9)
2026-11-22T21:56:44+00:00 gw CRON[8]: pam_unix(cron:session): session opened for user root
`;

/** Flags of V8 that are on otherwise. */
const TIMED = ['sparkplug', 'maglev', 'turbofan', 'flush-bytecode'];
/** As in start.cjs. */
const filename = 'denywatch.cjs';

/** How long a verb may take, ms. */
const PATIENCE = 60_000;

/** The bundle, see build.ts. */
type Bundle = (require: NodeJS.Require, module: object, exports: object) => void;

/** Runs the bundle until its exit status is 0, or until it reports to systemd that it is ready. */
async function run(script: Script, args: readonly string[]): Promise<void> {
  process.argv = [process.execPath, process.execPath, ...args];
  const isReady = readiness();
  const start = script.runInThisContext() as Bundle;
  start(createRequire(import.meta.url), {}, {});
  await Promise.race([isReady, ended(args)]);
}

async function ended(args: readonly string[]): Promise<void> {
  const late = AbortSignal.timeout(PATIENCE);
  while (process.exitCode !== 0) {
    if (late.aborted) throw new Error(`denywatch ${args.join(' ')} has not ended`);
    await pause(10);
  }
}

/**
 * Resolves in the turn of the event loop in which the agent is ready: what has run by then is the same
 * each time, whatever else the machine does.
 */
function readiness(): Promise<void> {
  const descriptor = openSync('/dev/null', 'w');
  const names = [...Array<string>(descriptor - 3).fill('other'), 'notify'];
  process.env['NOTIFY_SOCKET'] = '/dev/null';
  process.env['LISTEN_PID'] = `${process.pid}`;
  process.env['LISTEN_FDNAMES'] = names.join(':');
  const { writeSync } = fs;
  return new Promise((resolve) => {
    fs.writeSync = ((file: number, text: string) => {
      if (file === descriptor) resolve();
      return writeSync(file, text);
    }) as typeof fs.writeSync;
  });
}

/** Makes the current directory one in which each verb can be run. */
function prepare(): void {
  writeFileSync('denywatch.yaml', CONFIG, { mode: 0o600 });
  writeFileSync('auth.log', LOG);
  mkdirSync('spool');
  // Not the directory of a service that may run on this machine.
  process.env['RUNTIME_DIRECTORY'] = process.cwd();
}

if (import.meta.main) {
  const [bundle = '', output = '', verb = ''] = process.argv.slice(2);
  const setFlag = v8.setFlagsFromString;
  // `run` sets flags of V8, and code that was compiled with other flags is not accepted.
  v8.setFlagsFromString = () => {};
  // When V8 optimises a function or drops its code depends on the time.
  for (const flag of TIMED) setFlag(`--no-${flag}`);
  const text = readFileSync(bundle, 'latin1');
  const script = new Script(text, { filename });
  const directory = mkdtempSync(join(tmpdir(), 'denywatch-code-'));
  process.chdir(directory);
  try {
    prepare();
    await run(script, [verb, ...RUNS[verb]!]);
    for (const flag of TIMED) setFlag(`--${flag}`);
    writeFileSync(output, script.createCachedData());
    if (
      new Script(text, { filename, cachedData: readFileSync(output) }).cachedDataRejected === true
    )
      throw new Error('V8 does not accept the code that it has compiled');
  } finally {
    rmSync(directory, { recursive: true });
  }
  // The agent would go on.
  process.exit(0);
}
