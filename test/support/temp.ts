import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory of the test's own, removed when it ends. */
export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'denywatch-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
