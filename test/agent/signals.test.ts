import assert from 'node:assert/strict';
import test from 'node:test';
import { program } from '../support/program.ts';

const SIGNALS = new URL('../../src/agent/signals.ts', import.meta.url).href;

/** What a process does that gets little of its machine: its next turn comes a second later. */
const HELD_UP = `
  import { endSoon } from '${SIGNALS}';
  endSoon('SIGTERM');
  setImmediate(() => {});
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
`;

test('an agent that is held up at its end ends well, and not by the signal', async (t) => {
  const args = ['--input-type=module-typescript', '-e', HELD_UP];
  assert.equal(await program(t, process.execPath, args).end(), 0);
});
