/**
 * Makes build/denywatch: the agent and the Node of the lock file, in one file.
 *
 *   node packaging/build.ts
 *
 * The agent is bundled into build/denywatch.cjs first. That is joined with Node and compiled code
 * (nodejs.org/api/single-executable-applications.html, code-cache.ts), so there is next to nothing to
 * find, read or compile at the start. For another processor it uses that processor's Node, which
 * compiles at run time.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { expected } from '../src/queue/schema.ts';
import { RUNS } from './code-cache.ts';
import { loadLater } from './load-later.ts';
import { needPrograms } from './need-programs.ts';
import { isHere, nodePackage, PROCESSORS, type Processor } from './node-for.ts';

export const ROOT = join(import.meta.dirname, '..');
export const BUILD = join(ROOT, 'build');
/** The executable for this machine. */
export const EXECUTABLE = join(BUILD, 'denywatch');

/**
 * What dependencies always load and we never use: conf's schemas, migrations and writing, pino's
 * worker threads. That is half of the code. What they use a small part of is replaced by that part.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  'ajv/dist/2020.js': 'unused',
  'ajv-formats': 'unused',
  atomically: 'unused',
  'env-paths': 'unused',
  semver: 'unused',
  'thread-stream': 'unused',
  assert: 'assert',
  'node:assert': 'assert',
  debug: 'debug',
  worker_threads: 'worker-threads',
};

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
    define: {
      // Only a checkout finds files beside the source.
      'import.meta.url': 'undefined',
      QUEUE_SCHEMA: JSON.stringify(expected()),
    },
    alias: Object.fromEntries(
      Object.entries(INSTEAD).map(([name, file]) => [name, `./packaging/bundled/${file}.cjs`]),
    ),
    inject: ['packaging/bundled/performance.mjs'],
    plugins: [loadLater],
    // What start.cjs calls.
    banner: { js: '(function (require, module, exports) {' },
    footer: { js: '})' },
    minify: true,
    // They are in the package's copyright file.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  mkdirSync(BUILD, { recursive: true });
  // Another build may be reading it.
  const part = `${MAIN}.${process.pid}`;
  writeFileSync(part, ascii(outputFiles[0]!.text));
  renameSync(part, MAIN);
  return metafile;
}

/**
 * Escapes the characters that esbuild leaves in templates. Only because of them V8 would keep two
 * bytes for each character of the bundle.
 */
function ascii(code: string): string {
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Makes the executable from the bundle, for a processor. */
export function makeExecutable(processor: Processor, output: string): void {
  needPrograms({ [processor.strip]: processor.binutils });
  // A quarter of Node is debugging symbols.
  const node = `${output}.node`;
  const original = join(nodePackage(processor, ROOT, BUILD), 'bin/node');
  execFileSync(processor.strip, ['-o', node, original]);
  const config = `${output}.json`;
  const code = isHere(processor) ? compile(output) : {};
  const settings = {
    main: join(import.meta.dirname, 'start.cjs'),
    executable: node,
    output,
    assets: {
      'denywatch.cjs': MAIN,
      ...code,
      // What `denywatch init` fills in.
      'etc/denywatch.yaml': join(ROOT, 'etc/denywatch.yaml'),
    },
    // SIGUSR1 would open a port on which any user of the machine can read the agent's memory.
    execArgv: ['--disable-sigusr1'],
    disableExperimentalSEAWarning: true,
  };
  writeFileSync(config, JSON.stringify(settings));
  execFileSync(process.execPath, ['--build-sea', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const file of [node, config, ...Object.values(code)]) rmSync(file);
}

/** Compiles the bundle for each verb. Returns the files by their names in the executable. */
function compile(output: string): Readonly<Record<string, string>> {
  const script = join(import.meta.dirname, 'code-cache.ts');
  const files = Object.keys(RUNS).map((verb) => {
    const file = `${output}.code-${verb}`;
    // With a random seed the compiled code would differ from build to build.
    const args = ['--random-seed=42', script, MAIN, file, verb];
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return [`code/${verb}`, file] as const;
  });
  return Object.fromEntries(files);
}

if (import.meta.main) {
  await bundle();
  makeExecutable(PROCESSORS.find(isHere)!, EXECUTABLE);
}
