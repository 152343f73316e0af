/** Finds out whether a gearmand would take results, and whether Naemon would get them. */
import { connect } from '../connect.ts';
import { MonitorError } from '../error.ts';
import { harmless } from '../harmless.ts';
import { SessionLife } from '../life.ts';
import type { Finding } from '../monitor.ts';
import type { GearmanSettings } from './config.ts';
import { QUEUE, startSession } from './session.ts';

/** Longest list of queues that is read, characters. */
const LONGEST = 1024 ** 2;

/** Probes one server. If it cannot be reached, that is a finding: another one may work. */
export async function probe(
  settings: GearmanSettings,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const where = `${settings.host}:${settings.port}`;
  try {
    const session = await startSession(settings, signal);
    const workers = workersIn(await statusOf(settings, signal));
    if (workers === 0) {
      await session.finish();
      const text = `${where} takes results, but no worker reads ${QUEUE}: Naemon with Mod-Gearman is not running, or uses another gearmand; results wait in gearmand's memory, and are lost with it`;
      return [{ kind: 'note', text }];
    }
    const said = await session.ask(harmless());
    session.abort();
    return [finding(where, workers, said)];
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    return [{ kind: 'problem', text: error.message }];
  }
}

/**
 * The module answers with a failure where it finds no host in the decrypted text:
 * neb_module/result_thread.c, get_results().
 */
function finding(where: string, workers: number, said: 'done' | 'failed' | 'silent'): Finding {
  if (said === 'done') {
    const text = `${where} takes results, and ${workers === 1 ? 'a worker reads' : `${workers} workers read`} ${QUEUE} with this key`;
    return { kind: 'ok', text };
  }
  if (said === 'failed') {
    const text = `the worker of ${QUEUE} at ${where} cannot read what we send: the key differs from that in Mod-Gearman's module.conf, or only one side has encryption`;
    return { kind: 'problem', text };
  }
  const text = `the worker of ${QUEUE} at ${where} did not answer, so it is not known whether the key is right: look into Naemon's log for "check your encryption settings"`;
  return { kind: 'note', text };
}

/** gearmand's answer to `status`, in lines: queue, jobs, running jobs, workers. */
async function statusOf(settings: GearmanSettings, signal: AbortSignal): Promise<string> {
  const where = `${settings.host}:${settings.port}`;
  const { socket } = await connect(settings, signal);
  const life = new SessionLife(where, socket, signal);
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text === '.\n' || text.endsWith('\n.\n')) resolve(text);
    if (text.length > LONGEST) life.fail(noStatus(where));
  });
  socket.on('error', () => life.fail(noStatus(where))).on('end', () => life.fail(noStatus(where)));
  socket.write('status\n');
  const answer = await life.inTime(settings.timeout, promise, () => noStatus(where));
  life.end();
  return answer;
}

function noStatus(where: string): MonitorError {
  return new MonitorError(
    'protocol',
    `${where} does not answer the command status: is it a gearmand?`,
  );
}

function workersIn(status: string): number {
  for (const line of status.split('\n')) {
    const [queue, , , workers] = line.split('\t');
    if (queue === QUEUE) return Number.parseInt(workers ?? '0', 10) || 0;
  }
  return 0;
}
