import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { runningNagios } from '../../src/survey/nagios.ts';
import { tempDir } from '../support/temp.ts';

test('a Nagios that runs here is found by its pipe, and reported to by its spool', (t) => {
  const dir = tempDir(t);
  const [config, spool, pipe] = ['nagios.cfg', 'spool', 'nagios.cmd'].map((name) =>
    join(dir, name),
  );
  writeFileSync(config!, `check_result_path=${spool}\ncommand_file=${pipe}\n`);
  mkdirSync(spool!);
  assert.equal(runningNagios([config!]), undefined);
  writeFileSync(pipe!, 'a plain file');
  assert.equal(runningNagios([config!]), undefined);
  rmSync(pipe!);
  execFileSync('mkfifo', [pipe!]);
  assert.equal(runningNagios([config!]), spool);
  rmSync(spool!, { recursive: true });
  assert.equal(runningNagios([config!]), undefined);
});
