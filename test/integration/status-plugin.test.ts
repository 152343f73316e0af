import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CLI, writeConfig } from '../support/agent.ts';
import { OBJECTS, startNagios } from '../support/nagios.ts';
import { needs } from '../support/packages.ts';
import { program } from '../support/program.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

const SERVICE = 'firestorm;denywatch agent';

/** What etc/nagios has as an example, without its comment signs, for a Nagios of our own. */
function example(command: string): string {
  const text = readFileSync(OBJECTS, 'utf8');
  const objects = [...text.matchAll(/^#define .*\{\n(?:#.*\n)+?#\}$/gm)].map(([block]) =>
    block.replace(/^#/gm, ''),
  );
  assert.equal(objects.length, 2);
  const generic = ['max_check_attempts 1', 'check_period 24x7', 'notification_period 24x7'];
  return objects
    .join('\n')
    .replace(/^.*generic-service$/m, generic.join('\n'))
    .replace(/\S+ -n -u denywatch \S+ status --plugin/, command);
}

function idOf(option: '-u' | '-g'): number {
  return Number(spawnSync('id', [option, 'nagios'], { encoding: 'utf8' }).stdout);
}

test(
  'Nagios runs status --plugin as the example in etc/nagios has it, and sees the agent come and go',
  needs('root', 'nagios4-core'),
  async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'auth.log'), '');
    const config = writeConfig(dir, {
      sources: [{ file: 'auth.log' }],
      monitors: [{ nsca: '127.0.0.1:9', password: 'secret' }],
    });
    const objects = join(dir, 'objects.cfg');
    writeFileSync(
      objects,
      example(`${process.execPath} ${CLI} status --plugin --config ${config}`),
    );
    // Nagios checks as the user that the agent has here.
    chmodSync(dir, 0o755);
    spawnSync('chown', ['-R', 'nagios:nagios', dir]);

    const nagios = await startNagios(t, { objects });
    const check = async (words: RegExp) => {
      const alert = (line: string) =>
        line.startsWith(`SERVICE ALERT: ${SERVICE};`) && words.test(line);
      // Once more where the agent was seen in the midst of its start or end.
      let asked = 0;
      await until(`${words}`, () => {
        const now = Math.floor(Date.now() / 1000);
        const command = `[${now}] SCHEDULE_FORCED_SVC_CHECK;${SERVICE};${now}\n`;
        if (now >= asked + 5) appendFileSync(nagios.commandFile, command);
        if (now >= asked + 5) asked = now;
        return nagios.log().some(alert);
      });
    };
    await check(/;UNKNOWN;HARD;1;denywatch UNKNOWN: there is no queue /);
    const as = { uid: idOf('-u'), gid: idOf('-g') };
    const agent = program(t, process.execPath, [CLI, 'run', '--config', config], as);
    await until('the agent', () => existsSync(join(dir, 'queue.db.sock')));
    await check(/;OK;HARD;1;denywatch OK: 0 denials, 0 alerts, 0 waiting$/);
    agent.kill();
    await agent.end();
    await check(/;CRITICAL;HARD;1;denywatch CRITICAL: the agent is not running: /);
  },
);
