import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { installationOf, installations } from '../../../src/monitor/nagios/installation.ts';
import { lookUp, programStatus } from '../../../src/monitor/nagios/objects.ts';
import { tempDir } from '../../support/temp.ts';

const OBJECTS = `define host {
\thost_name\tfirestorm
\tpassive_checks_enabled\t1
\t}

define service {
\thost_name\tfirestorm
\tservice_description\tTCP Wrappers
\tpassive_checks_enabled\t1
\t}

define service {
\thost_name\tfirestorm
\tservice_description\tdenywatch
\tpassive_checks_enabled\t0
\t}
`;

const STATUS = `programstatus {
\tpassive_service_checks_enabled=0
\t}

servicestatus {
\thost_name=firestorm
\tservice_description=TCP Wrappers
\tplugin_output=passive_checks_enabled=0 { }
\tpassive_checks_enabled=0
\t}
`;

test('the Nagios is found whose nagios.cfg names the path, also through a symbolic link', (t) => {
  const dir = tempDir(t);
  mkdirSync(join(dir, 'spool'));
  symlinkSync(join(dir, 'spool'), join(dir, 'link'));
  const [other, own] = [join(dir, 'other.cfg'), join(dir, 'own.cfg')];
  writeFileSync(other, 'check_result_path=/elsewhere\n');
  writeFileSync(
    own,
    `# check_result_path=/no\ncheck_result_path = ${dir}/spool \ncommand_file=${dir}/nagios.cmd\nmax_check_result_file_age=0\ncheck_external_commands=0\n`,
  );
  const configs = [join(dir, 'none.cfg'), other, own];
  assert.equal(installationOf('/none', configs), undefined);
  assert.equal(installationOf(join(dir, 'nagios.cmd'), configs)?.path, own);
  assert.deepEqual(installationOf(join(dir, 'link'), configs), {
    path: own,
    spool: `${dir}/spool`,
    commandFile: `${dir}/nagios.cmd`,
    maxAge: Infinity,
    reaper: 10_000,
    objectCache: null,
    statusFile: null,
    takesPassive: true,
    takesCommands: false,
  });
  assert.deepEqual(
    installations(configs).map(({ path, maxAge }) => [path, maxAge]),
    [
      [other, 3_600_000],
      [own, Infinity],
    ],
  );
});

test('what Nagios has, and what was turned off while it runs, is read from its own files', (t) => {
  const dir = tempDir(t);
  const [cache, status] = [join(dir, 'objects.cache'), join(dir, 'status.dat')];
  writeFileSync(cache, OBJECTS);
  writeFileSync(status, STATUS);
  const wanted = [
    { host: 'firestorm', service: '' },
    { host: 'firestorm', service: 'TCP Wrappers' },
    { host: 'firestorm', service: 'denywatch' },
    { host: 'firestorm', service: 'none' },
    { host: 'nobody', service: 'TCP Wrappers' },
  ];
  const known = (file: string | null) =>
    lookUp(cache, file, wanted).map((one) => [one.host, one.service, one.takesPassive]);
  assert.deepEqual(known(null), [
    [true, true, true],
    [true, true, true],
    [true, true, false],
    [true, false, true],
    [false, false, true],
  ]);
  assert.deepEqual(known(status)[1], [true, true, false]);
  assert.deepEqual(programStatus(status), { takesPassive: false });
  assert.throws(() => lookUp(join(dir, 'none'), null, wanted), { code: 'ENOENT' });
});
