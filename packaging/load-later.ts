/**
 * Has the bundle load a module of Node when something of it is first used, rather than when a module
 * that imports it is: most verbs import more than they use, and an agent does not use all at its start.
 */
import type { Plugin } from 'esbuild';

/**
 * Those that take time and memory to load, with what only they load: node:crypto 4 ms and 1 MB,
 * node:net 2 ms and 0.5 MB, node:zlib 1.4 ms and 0.4 MB; the others less.
 */
const LATER = [
  'child_process',
  'crypto',
  'fs/promises',
  'http',
  'https',
  'module',
  'net',
  'os',
  'stream',
  'stream/promises',
  'tls',
  'v8',
  'zlib',
] as const;

const FILTER = new RegExp(`^(node:)?(${LATER.join('|')})$`);
const NAMESPACE = 'later';

export const loadLater: Plugin = {
  name: 'load-later',
  setup(build) {
    build.onResolve({ filter: FILTER }, ({ path }) => ({
      path: path.replace(/^node:/, ''),
      namespace: NAMESPACE,
    }));
    build.onLoad({ filter: /^/, namespace: NAMESPACE }, ({ path }) => ({
      contents: moduleFor(path),
    }));
  },
};

/**
 * A module whose exports are those of one of Node's, and that loads it for the first of them. They are
 * in its prototype, because esbuild copies what an object has itself for each module that imports it.
 */
function moduleFor(name: string): string {
  return `let loaded;
    const load = () => (loaded ??= process.getBuiltinModule('node:${name}'));
    const get = (_, key) => (key === '__esModule' ? undefined : load()[key]);
    module.exports = Object.create(new Proxy({}, { get }));`;
}
