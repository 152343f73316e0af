/**
 * Makes build/denywatch: the agent and the Node that runs this, in one file.
 *
 *   node packaging/build.ts
 *
 * The agent is bundled into build/denywatch.cjs first. Node takes that with its compiled code
 * (nodejs.org/api/single-executable-applications.html): nothing is left to find, read or compile
 * when it starts. Code is compiled for this very Node, so there is no building for another machine.
 */
import { execFileSync } from 'node:child_process';
import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { needPrograms } from './need-programs.ts';

export const ROOT = join(import.meta.dirname, '..');
export const BUILD = join(ROOT, 'build');
export const EXECUTABLE = join(BUILD, 'denywatch');

/**
 * What dependencies load at once and we never use: conf's schemas and migrations, pino's worker
 * threads. It is half of all code.
 */
const UNUSED = ['ajv/dist/2020.js', 'ajv-formats', 'semver', 'thread-stream'];

/** Builds the executable. Gives what esbuild knows of the files that are in it. */
export async function buildExecutable(): Promise<Metafile> {
  needPrograms({ strip: 'binutils' });
  const main = join(BUILD, 'denywatch.cjs');
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli.ts'],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node}`,
    // A verb is still loaded when it is asked for: its import becomes a function call.
    supported: { 'dynamic-import': false },
    // Only a checkout finds files beside the source.
    define: { 'import.meta.url': 'undefined' },
    alias: Object.fromEntries(UNUSED.map((name) => [name, './packaging/unused.cjs'])),
    minify: true,
    // The package's copyright file has them.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  // A quarter of Node are symbols for a debugger.
  const node = join(BUILD, 'node');
  execFileSync('strip', ['-o', node, realpathSync(process.execPath)]);
  const config = join(BUILD, 'executable.json');
  const settings = {
    main,
    executable: node,
    output: EXECUTABLE,
    // What `denywatch init` fills in.
    assets: { 'etc/denywatch.yaml': join(ROOT, 'etc/denywatch.yaml') },
    useCodeCache: true,
    // SIGUSR1 would open a port on which any user of the machine can read the agent's memory.
    execArgv: ['--disable-sigusr1'],
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(config, JSON.stringify(settings));
  execFileSync(process.execPath, ['--build-sea', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const file of [node, config]) rmSync(file);
  return metafile;
}

if (import.meta.main) await buildExecutable();
