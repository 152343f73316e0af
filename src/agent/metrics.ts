/**
 * The agent's metrics in Prometheus' text format 0.0.4. Names and units follow its conventions. All
 * begin with `denywatch_`, even the process's own: node_exporter refuses a file with names that it
 * exports itself. Ages are given as timestamps, so that they are right whenever they are read:
 * `time() - denywatch_oldest_waiting_timestamp_seconds`.
 */
import { visible } from '../text/unseen.ts';
import type { Snapshot } from './state.ts';
import type { ProcessFigures } from './process.ts';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number, labels?: Labels];

/** One metric; samples without a value are left out. */
interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The metrics as text. All names in it come from the configuration or were made safe. */
export function metricsText(snapshot: Snapshot, process: ProcessFigures): string {
  return [...ofDenials(snapshot), ...ofMonitors(snapshot), ...ofAgent(snapshot, process)]
    .filter(({ samples }) => samples.length > 0)
    .map(text)
    .join('');
}

function ofDenials({ agent, totals }: Snapshot): Family[] {
  const total = (name: string): Sample[] => [[totals[name] ?? 0]];
  const perDaemon = agent.daemons.map(({ daemon, denials }): Sample => [denials, { daemon }]);
  return [
    counter('denials_total', 'Refused connections since the agent started.', perDaemon),
    counter('ignored_denials_total', 'Refused connections that a rule ignores.', total('ignored')),
    counter('alerts_total', 'Alerts made of denials.', total('alerts')),
    counter(
      'unseen_connections_total',
      'Connections, at least, that sshd dropped above MaxStartups before it asked libwrap.',
      total('unseenConnections'),
    ),
    counter(
      'unseen_messages_total',
      'Log messages, at least, that journald or rsyslogd suppressed.',
      total('unseenMessages'),
    ),
    counter('forged_lines_total', 'Log lines that were forged and not counted.', [
      [agent.suspicious],
    ]),
    counter(
      'digested_results_total',
      'Results sent in a digest because they waited too long.',
      total('digested'),
    ),
    counter(
      'dropped_results_total',
      'Results dropped because the queue was full.',
      total('droppedResults'),
    ),
    counter(
      'dropped_denials_total',
      'Denials that the dropped results reported.',
      total('droppedDenials'),
    ),
    gauge('open_denials', 'Denials counted in open windows and not reported yet.', [[agent.open]]),
  ];
}

function ofMonitors({ agent, queue }: Snapshot): Family[] {
  const of = (value: (row: Snapshot['queue'][number]) => number | null) =>
    queue.flatMap((row): Sample[] => {
      const sample = value(row);
      return sample === null ? [] : [[sample, { monitor: row.name }]];
    });
  const up = agent.monitors.map(({ name, next }): Sample => [
    next === null ? 1 : 0,
    { monitor: name },
  ]);
  return [
    gauge('monitor_up', 'Whether the last attempt to deliver to the monitor succeeded.', up),
    gauge(
      'results_waiting',
      'Results that wait for the monitor.',
      of((row) => row.waiting),
    ),
    gauge(
      'results_set_aside',
      'Results that the monitor refused and that are set aside.',
      of((row) => row.setAside),
    ),
    gauge(
      'oldest_waiting_timestamp_seconds',
      'When the oldest waiting result was queued; absent if none waits.',
      of((row) => seconds(row.oldest)),
    ),
    counter(
      'results_delivered_total',
      'Results that the monitor took.',
      of((row) => row.delivered),
    ),
    gauge(
      'last_delivery_timestamp_seconds',
      'When the monitor last took results; absent if it never did.',
      of((row) => seconds(row.last)),
    ),
  ];
}

function ofAgent({ at, agent }: Snapshot, process: ProcessFigures): Family[] {
  const readable = agent.streams.map(({ stream, problem }): Sample => [
    problem === null ? 1 : 0,
    { source: stream },
  ]);
  const behind = agent.streams.flatMap(({ stream, behind: bytes }): Sample[] =>
    bytes === null ? [] : [[bytes, { source: stream }]],
  );
  const { version, node } = process;
  return [
    gauge('source_readable', 'Whether the source can be read now.', readable),
    gauge('source_unread_bytes', 'Bytes in the log that have not been read yet.', behind),
    gauge('queue_size_bytes', 'Size of the queue file.', [[process.queueSize]]),
    gauge('resident_memory_bytes', 'Memory of the agent.', [[process.resident]]),
    counter('cpu_seconds_total', 'CPU time used by the agent.', [[process.cpu]]),
    gauge('start_timestamp_seconds', 'When the agent started.', [[agent.since / 1000]]),
    gauge('metrics_timestamp_seconds', 'When these metrics were made.', [[at / 1000]]),
    gauge('build_info', 'The version of denywatch, and of Node.', [[1, { version, node }]]),
  ];
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `denywatch_${name}`, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `denywatch_${name}`, type: 'gauge', help, samples };
}

function text({ name, type, help, samples }: Family): string {
  const lines = samples.map(([value, labels]) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Escaped for the format, and without characters that a terminal would act on. */
function escaped(value: string): string {
  return visible(value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n'));
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
