import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { writeNagiosConfig } from '../support/nagios.ts';
import { needs } from '../support/packages.ts';
import { tempDir } from '../support/temp.ts';

test(
  "the objects in etc/nagios pass Nagios' own verification",
  needs('root', 'nagios4-core'),
  (t) => {
    const config = writeNagiosConfig(tempDir(t));
    const { stdout, status } = spawnSync('nagios4', ['-v', config], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /Total Warnings: 0\nTotal Errors: +0\n/);
  },
);
