import assert from 'node:assert/strict';
import test from 'node:test';
import { Glob, isGlob, problemOfGlob } from '../../../src/source/file/glob.ts';

const PATTERNS: readonly (readonly [pattern: string, yes: string[], no: string[]])[] = [
  ['/l/*.log', ['/l/a.log', '/l/a b\n.log'], ['/l/.a.log', '/l/a/b.log', '/m/a.log', '/l/a.logs']],
  ['/l/a?th.log', ['/l/auth.log'], ['/l/ath.log', '/l/a/th.log']],
  ['/l/web[12].log', ['/l/web1.log', '/l/web2.log'], ['/l/web3.log', '/l/web[12].log']],
  ['/l/{web,db}*.log', ['/l/web1.log', '/l/db.log'], ['/l/mail.log', '/l/{web,db}.log']],
  ['/l/*/auth.log', ['/l/a/auth.log'], ['/l/auth.log', '/l/a/b/auth.log', '/l/.a/auth.log']],
  ['/l/**/auth.log', ['/l/auth.log', '/l/a/auth.log', '/l/a/b/c/auth.log'], ['/l/a/auth']],
  ['/l/**', ['/l/a', '/l/a/b'], ['/m/a', '/l/.a/b']],
  ['/l/*/{a,b}/[xy].log', ['/l/h/a/x.log', '/l/h/b/y.log'], ['/l/h/c/x.log']],
  ['/l/a+b(c)*.log', ['/l/a+b(c)1.log'], ['/l/aab.log', '/l/abc1.log']],
  ['/l/!a*', ['/l/!a1'], ['/l/b']],
];

test('a pattern matches what a shell would match', () => {
  for (const [pattern, yes, no] of PATTERNS) {
    const glob = new Glob(pattern);
    for (const path of yes) assert.ok(glob.matches(path), `${pattern} ${path}`);
    for (const path of no) assert.ok(!glob.matches(path), `${pattern} ${path}`);
  }
});

test('** goes down eight directories at most', () => {
  const glob = new Glob('/l/**/x');
  assert.ok(glob.matches(`/l${'/d'.repeat(8)}/x`));
  assert.ok(!glob.matches(`/l${'/d'.repeat(9)}/x`));
});

test('a path without special characters is no pattern', () => {
  for (const path of ['/var/log/auth.log', '/l/a(1).log', '/l/{x}.log']) assert.ok(!isGlob(path));
  for (const path of ['/l/a[1].log', '/l/*/a', '/l/**', '/l/{a,b}']) assert.ok(isGlob(path));
});

test('a pattern that cannot be used is refused with what to do', () => {
  assert.match(problemOfGlob('/l/{a/b,c}/x') ?? '', /write two paths/);
  assert.match(problemOfGlob('/l/') ?? '', /ends in \//);
  assert.equal(problemOfGlob('/l/{a,b}/x'), null);
});
