/** What is installed: all of it is in the lock file, and none of it runs a script to install. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { program } from './support/program.ts';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const root = new URL('..', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const own = JSON.parse(read('package.json')) as Locked;
const installed = Object.entries(packages).filter(([path]) => path !== '');

/** Licences that ask for no more than to be named. */
const LICENCES = /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|\(MIT OR CC0-1\.0\))$/;
/** Has a script that replaces its launcher by the program itself; it works without. */
const NOT_RUN = ['node_modules/esbuild'];

/** Where Node would find a package from another one's directory. */
function find(from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, at.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in packages) return path;
    if (at === '') return undefined;
  }
}

/** Everything that a package needs to run, with itself. */
function tree(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const name of Object.keys(packages[path]?.dependencies ?? {})) {
    const found = find(path, name);
    assert.ok(found, `${path} needs ${name}, which is not in the lock file`);
    tree(found, seen);
  }
  return seen;
}

test('the lock file has every package, with what it is made of, and versions are exact', () => {
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
  for (const kind of kinds) {
    assert.deepEqual(packages['']?.[kind], own[kind]);
    for (const [name, version] of Object.entries(own[kind] ?? {})) {
      assert.equal(packages[`node_modules/${name}`]?.version, version, `${name} is pinned`);
    }
  }
  for (const [path, { version, integrity, resolved = '', license = '' }] of installed) {
    tree(path);
    assert.ok(version, path);
    assert.match(integrity ?? '', /^sha512-/, path);
    assert.doesNotMatch(resolved, /^(git|file|http:)/, path);
    assert.match(license, LICENCES, path);
  }
});

test('no package runs a script when it is installed', async (t) => {
  const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  assert.deepEqual(
    scripts.map(([path]) => path),
    NOT_RUN,
  );
  const npm = program(t, 'npm', ['config', 'get', 'ignore-scripts'], { cwd: root });
  assert.equal(await npm.end(), 0);
  assert.equal(npm.stdout().trim(), 'true');
});

test('docs/dependencies.md has each dependency, and how many packages it brings', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|.*\| (\d+) \|/gm)];
  const listed = rows.map(([, name, count]) => `${name} ${count}`);
  const names = { ...own.dependencies, ...own.devDependencies, ...own.optionalDependencies };
  const real = Object.keys(names).map((name) => `${name} ${tree(`node_modules/${name}`).size}`);
  assert.deepEqual(listed.toSorted(compare), real.toSorted(compare));
  const all = new Set(
    Object.keys(own.dependencies ?? {}).flatMap((name) => [...tree(`node_modules/${name}`)]),
  );
  assert.match(read('docs/dependencies.md'), new RegExp(`\\b${all.size} packages\\b`));
});

const compare = (a: string, b: string) => a.localeCompare(b);
