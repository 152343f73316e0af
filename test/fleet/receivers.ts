/** The real receivers that a fleet returns to: how to send to each, and what it has. */
import {
  chmodSync,
  closeSync,
  constants,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { openGearman } from '../../src/monitor/gearman/gearman.ts';
import { openIcinga2 } from '../../src/monitor/icinga2/icinga2.ts';
import type { Monitor } from '../../src/monitor/monitor.ts';
import { openNsca } from '../../src/monitor/nsca/nsca.ts';
import { critical } from '../delivery/memory-outbox.ts';
import { startGearmand } from '../support/gearman.ts';
import { startIcinga2 } from '../support/icinga2.ts';
import { OBJECTS, startNagios } from '../support/nagios.ts';
import { startNsca } from '../support/nsca.ts';
import { sendAll } from '../support/session.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';
import { hostName } from './agents.ts';

export interface Receiver {
  readonly open: () => Monitor;
  /** How many different results of the fleet it has, and how many came again. */
  readonly has: () => Promise<{ readonly different: number; readonly again: number }>;
  /** Asks it for something else, and resolves when it has answered. */
  readonly probe: (n: number) => Promise<unknown>;
}

/** How long a probe may take before it counts as unanswered, ms. */
const UNANSWERED = 60_000;
const SERVICE = 'TCP Wrappers';
/** Whether Nagios runs a command for each result. */
const NOTIFIES = process.env['FLEET_NOTIFY'] === '1';

/** Receivers by their names. */
export const RECEIVERS = {
  'nsca --daemon': (t: TestContext, agents: number) => nagios(t, agents, '--daemon'),
  'nsca --single': (t: TestContext, agents: number) => nagios(t, agents, '--single'),
  icinga2,
  gearmand,
} as const;

/** Nagios, with an NSCA daemon before it. */
async function nagios(
  t: TestContext,
  agents: number,
  mode: '--daemon' | '--single',
): Promise<Receiver> {
  const dir = tempDir(t);
  // Nagios gives up being root before it reads its objects.
  chmodSync(dir, 0o755);
  const objects = join(dir, 'objects.cfg');
  const hosts = Array.from({ length: agents }, (_, agent) => {
    return `define host {\n  host_name ${hostName(agent)}\n  address 127.0.0.1\n  hostgroups fleet\n  max_check_attempts 1\n  active_checks_enabled 0\n  notification_interval 0\n  notification_period 24x7\n  contact_groups admins\n}\n`;
  });
  const services = `define hostgroup {\n  hostgroup_name fleet\n}\ndefine service {\n  use volatile-passive\n  hostgroup_name fleet\n  service_description ${SERVICE}\n  contact_groups admins\n}\n`;
  writeFileSync(objects, hosts.join('') + services);
  const server = await startNagios(t, {
    settings: [`cfg_file=${OBJECTS}`, `enable_notifications=${NOTIFIES ? 1 : 0}`],
    objects,
  });
  const nsca = await startNsca(t, { mode, method: 14, commandFile: server.commandFile });
  const log = followed(join(dirname(server.config), 'nagios.log'));
  const seen = new Set<string>();
  const probes = new Set<string>();
  let alerts = 0;
  const look = () => {
    for (const line of log()) {
      const [, host = '', state = '', output = ''] =
        /SERVICE ALERT: ([^;]*);[^;]*;([^;]*);[^;]*;[^;]*;(.*)/.exec(line) ?? [];
      if (state === 'WARNING') probes.add(output);
      if (state !== 'CRITICAL') continue;
      alerts++;
      seen.add(`${host}: ${output}`);
    }
  };
  return {
    open: () => openNsca(nsca.config),
    async has() {
      look();
      return { different: seen.size, again: alerts - seen.size };
    },
    async probe(n) {
      const output = `probe ${n}`;
      const time = Math.floor(Date.now() / 1000);
      const line = `[${time}] PROCESS_SERVICE_CHECK_RESULT;firestorm;${SERVICE};1;${output}\n`;
      await until('room in the pipe', () => writeNow(server.commandFile, line), UNANSWERED);
      await until('Nagios', () => (look(), probes.has(output)), UNANSWERED);
    },
  };
}

async function icinga2(t: TestContext, agents: number): Promise<Receiver> {
  const hosts = Array.from({ length: agents }, (_, agent) => {
    return `object Host "${hostName(agent)}" {\n  check_command = "dummy"\n  enable_active_checks = false\n  vars.fleet = true\n}\n`;
  });
  const services = `apply Service "${SERVICE}" {\n  import "denywatch-event"\n  assign where host.vars.fleet\n}\n`;
  const icinga = await startIcinga2(t, { objects: hosts.join('') + services });
  const seen = new Set<string>();
  let looked = 0;
  let all = 0;
  return {
    open: () => openIcinga2(icinga.config),
    async has() {
      const processed = icinga.nodes[0]!.processed();
      for (const { host, output } of processed.slice(looked)) {
        if (!output.startsWith('Denied')) continue;
        all++;
        seen.add(`${host}: ${output}`);
      }
      looked = processed.length;
      return { different: seen.size, again: all - seen.size };
    },
    probe: (n) => sendOne(t, openIcinga2({ ...icinga.config, timeout: UNANSWERED }), n),
  };
}

/** Jobs wait in gearmand: one for each result, because it takes jobs of the same name as one. */
async function gearmand(t: TestContext): Promise<Receiver> {
  const server = await startGearmand(t);
  let probes = 0;
  return {
    open: () => openGearman(server.settings),
    has: async () => ({ different: (await server.waiting()) - probes, again: 0 }),
    async probe(n) {
      await sendOne(t, openGearman({ ...server.settings, timeout: UNANSWERED }), n);
      probes++;
    },
  };
}

async function sendOne(t: TestContext, monitor: Monitor, n: number): Promise<void> {
  const session = await monitor.open(t.signal);
  await sendAll(session, [{ ...critical(`probe ${n}`), state: 1 }]);
  await session.finish();
}

/** Writes a command to Nagios' pipe; false where there is no room. */
function writeNow(path: string, line: string): boolean {
  const pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return writeSync(pipe, line) > 0;
  } catch {
    return false;
  } finally {
    closeSync(pipe);
  }
}

/** A file that grows: gives the lines that are new since the last call. */
function followed(path: string): () => string[] {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(1 << 20);
  let rest = '';
  return () => {
    for (let n = 1; n > 0;) {
      n = readSync(file, buffer);
      rest += buffer.toString('latin1', 0, n);
    }
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
}
