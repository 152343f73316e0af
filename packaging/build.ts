/**
 * Makes build/denywatch: the agent and the Node of the lock file, in one file.
 *
 *   node packaging/build.ts
 *
 * The agent is bundled into build/denywatch.cjs first. That is joined with Node and its compiled code
 * (nodejs.org/api/single-executable-applications.html), so there is nothing to find, read or compile
 * at the start. For another processor it uses that processor's Node, which compiles at run time.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { needPrograms } from './need-programs.ts';
import { isHere, nodePackage, PROCESSORS, type Processor } from './node-for.ts';

export const ROOT = join(import.meta.dirname, '..');
export const BUILD = join(ROOT, 'build');
/** The executable for this machine. */
export const EXECUTABLE = join(BUILD, 'denywatch');

/**
 * What dependencies always load and we never use: conf's schemas and migrations, pino's worker
 * threads. That is half of the code.
 */
const UNUSED = ['ajv/dist/2020.js', 'ajv-formats', 'semver', 'thread-stream'];

const MAIN = join(BUILD, 'denywatch.cjs');

/** Joins all modules into build/denywatch.cjs. Returns what esbuild knows of the files in it. */
export async function bundle(): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli.ts'],
    outfile: MAIN,
    write: false,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node}`,
    // A verb is still loaded only when it is used: its import becomes a function call.
    supported: { 'dynamic-import': false },
    // Only a checkout finds files beside the source.
    define: { 'import.meta.url': 'undefined' },
    alias: Object.fromEntries(UNUSED.map((name) => [name, './packaging/unused.cjs'])),
    minify: true,
    // They are in the package's copyright file.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  mkdirSync(BUILD, { recursive: true });
  // Another build may be reading it.
  const part = `${MAIN}.${process.pid}`;
  writeFileSync(part, outputFiles[0]!.contents);
  renameSync(part, MAIN);
  return metafile;
}

/** Makes the executable from the bundle, for a processor. */
export function makeExecutable(processor: Processor, output: string): void {
  needPrograms({ [processor.strip]: processor.binutils });
  // A quarter of Node is debugging symbols.
  const node = `${output}.node`;
  const original = join(nodePackage(processor, ROOT, BUILD), 'bin/node');
  execFileSync(processor.strip, ['-o', node, original]);
  const config = `${output}.json`;
  const settings = {
    main: MAIN,
    executable: node,
    output,
    // What `denywatch init` fills in.
    assets: { 'etc/denywatch.yaml': join(ROOT, 'etc/denywatch.yaml') },
    // The code is compiled by the Node that runs this script.
    useCodeCache: isHere(processor),
    // SIGUSR1 would open a port on which any user of the machine can read the agent's memory.
    execArgv: ['--disable-sigusr1'],
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(config, JSON.stringify(settings));
  // With a random seed the compiled code would differ from build to build.
  execFileSync(process.execPath, ['--random-seed=42', '--build-sea', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const file of [node, config]) rmSync(file);
}

if (import.meta.main) {
  await bundle();
  makeExecutable(PROCESSORS.find(isHere)!, EXECUTABLE);
}
