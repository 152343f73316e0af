/** The screen of `status`: problems, then the current state, then refusals. */
import { isoSeconds } from '../../text/times.ts';
import type { Count } from '../../queue/history-reader.ts';
import type { StreamState } from '../../source/source.ts';
import { lastDay, lastHour, type MonitorStatus, type Status } from './read.ts';
import { bytes, number, plural, span } from '../../text/amounts.ts';
import { columns, wrap } from '../../text/layout.ts';
import { styled, type Line, type Style } from '../../text/terminal.ts';

export interface Look {
  readonly now: number;
  /** This machine. */
  readonly host: string;
  /** Width in columns. */
  readonly width: number;
  /** Whether more than ASCII can be shown. */
  readonly unicode: boolean;
}

/** Width of the label on the first line of a block. */
const LABEL = 10;
/** Most sources and monitors that are shown, those in trouble first. */
const SHOWN = 8;
const HEIGHT = 4;

/** The lines of the screen. */
export function page(status: Status, look: Look): Line[] {
  return [
    ...title(status, look),
    ...status.found.flatMap(({ state, text }) => problem(state, text, look)),
    ...(status.found.length > 0 ? [''] : []),
    ...block('agent', agent(status, look), look),
    ...block('sources', sources(status.agent?.streams ?? []), look),
    ...block('monitors', monitors(status.monitors, look), look),
    ...block('denials', denials(status), look),
    '',
    ...hourChart(status.minutes, look),
    ...day(status.hours, look),
  ];
}

function title({ found, running }: Status, { now, host, width }: Look): Line[] {
  const time = isoSeconds(now);
  const say = !running
    ? 'not running'
    : found.length === 0
      ? 'all is well'
      : plural(found.length, 'problem');
  const left = `denywatch on ${host}: ${say}`;
  const style: Style = found.length === 0 ? ['bold', 'green'] : ['bold', 'red'];
  const gap = width - left.length - time.length;
  if (gap > 0) return [[styled(style, left), ' '.repeat(gap) + time], ''];
  return [...wrap(left, width).map((line): Line => [styled(style, line)]), time, ''];
}

function problem(state: number, text: string, { width }: Look): Line[] {
  const word = state === 1 ? 'WARNING' : 'PROBLEM';
  const lines = wrap(text, width - LABEL);
  return lines.map((line, i) => [
    styled(state === 1 ? 'yellow' : 'red', (i === 0 ? word : '').padEnd(LABEL) + line),
  ]);
}

function block(label: string, texts: readonly string[], { width }: Pick<Look, 'width'>): Line[] {
  const lines = texts.flatMap((text) =>
    wrap(text, width - LABEL - 2).map((line, i) => (i === 0 ? line : `  ${line}`)),
  );
  return lines.map((line, i) => [styled('bold', (i === 0 ? label : '').padEnd(LABEL)), line]);
}

function agent({ agent: state, running, queue }: Status, { now }: Look): string[] {
  if (state === null)
    return [`${running ? 'running, but does not answer' : 'not running'}, queue ${queue}`];
  return [`pid ${state.pid}, running for ${span(now - state.since)}, queue ${queue}`];
}

/** Sources that are furthest behind come first. */
function rank({ behind, problem: why }: StreamState): number {
  return why === null ? (behind ?? 0) : Number.MAX_SAFE_INTEGER;
}

function sources(streams: readonly StreamState[]): string[] {
  return most(
    streams.toSorted((a, b) => rank(b) - rank(a)),
    ({ stream, behind, problem: why }) =>
      `${stream}: ${why !== null ? 'cannot be read' : behind === null || behind === 0 ? 'read to its end' : `${bytes(behind)} behind`}`,
  );
}

function monitors(rows: readonly MonitorStatus[], { now }: Look): string[] {
  return most(
    rows.toSorted((a, b) => b.waiting - a.waiting),
    ({ name, protocol, waiting, oldest, delivered, last, next }) => {
      const by = protocol === null ? '' : ` (${protocol})`;
      const since = oldest === null ? '' : `, the oldest for ${span(now - oldest)}`;
      const retry = waiting > 0 && next > now ? `, next try in ${span(next - now)}` : '';
      const when =
        last === null
          ? 'none delivered yet'
          : `${number(delivered)} delivered, last ${span(now - last)} ago`;
      return `${name}${by}: ${number(waiting)} waiting${since}${retry}; ${when}`;
    },
  );
}

function most<T>(things: readonly T[], text: (thing: T) => string): string[] {
  const left = things.length - SHOWN;
  return [...things.slice(0, SHOWN).map(text), ...(left > 0 ? [`and ${left} more`] : [])];
}

function denials({ totals, agent: state }: Status): string[] {
  const { denials: all = 0, ignored = 0, alerts = 0, digested = 0 } = totals;
  const { unseenConnections: connections = 0, unseenMessages: messages = 0 } = totals;
  const { droppedResults = 0, droppedDenials = 0 } = totals;
  const lines = [
    `${number(all)} counted${ignored === 0 ? '' : ` (${number(ignored)} ignored by rules)`}, ${plural(alerts, 'alert')}${
      state === null || state.open === 0 ? '' : `, ${number(state.open)} not reported yet`
    }`,
  ];
  const unseen = [
    ...(connections > 0 ? [`${plural(connections, 'connection')} that sshd dropped`] : []),
    ...(messages > 0 ? [`${plural(messages, 'log message')} that were suppressed`] : []),
  ];
  if (unseen.length > 0) lines.push(`not seen: at least ${unseen.join(' and ')}`);
  if (digested > 0)
    lines.push(
      `${plural(digested, 'alert')} sent in digests, after waiting too long for a monitor`,
    );
  if (droppedResults > 0)
    lines.push(
      `dropped ${plural(droppedResults, 'result')} with ${plural(droppedDenials, 'denial')} because the queue was full`,
    );
  return lines;
}

/** Values for the beginnings of equal periods; 0 if there is no count. */
function valuesOf(begins: readonly number[], counts: readonly Count[]): number[] {
  const known = new Map(counts.map(({ at, denials: count }) => [at, count]));
  return begins.map((begin) => known.get(begin) ?? 0);
}

/** `41`, `1.2K`, `3M` */
const compact = (value: number) => value.toLocaleString('en', { notation: 'compact' });
const hourMinute = (ms: number) => isoSeconds(ms).slice(11, 16);

function hourChart(counts: readonly Count[], { now, width, unicode }: Look): Line[] {
  const begins = lastHour(now);
  const values = valuesOf(begins, counts);
  const sum = values.reduce((total, value) => total + value, 0);
  const top = Math.max(...values);
  if (sum === 0) return [[styled('bold', 'last hour '.padEnd(LABEL)), 'nothing was refused']];
  const peak = begins[values.indexOf(top)]!;
  const head = `${number(sum)} refused, most in a minute ${number(top)} (${hourMinute(peak)}Z)`;
  const [wall, floor, corner] = unicode ? ['│', '─', '└'] : ['|', '-', '+'];
  const left = LABEL - 1;
  // On a narrow screen only the newest minutes have room.
  const newest = Math.min(60, width - LABEL);
  const rows = columns(values.slice(-newest), top, HEIGHT, unicode).map((row, i): Line => {
    const scale = (i === 0 ? compact(top) : '').padStart(left - 1);
    return [`${scale} ${wall}`, styled('cyan', row.trimEnd())];
  });
  const shown = begins.slice(-newest);
  const times = [0, 15, 30, 45]
    .filter((i) => i + 10 <= newest)
    .map((i) => hourMinute(shown[i]!).padEnd(15))
    .join('');
  return [
    ...block('last hour', [head], { width }),
    ...rows,
    `${''.padEnd(left)}${corner}${floor.repeat(newest)}`,
    `${''.padEnd(LABEL)}${times.padEnd(60).slice(0, newest - 5)}${hourMinute(begins[59]!)}`,
  ];
}

function day(counts: readonly Count[], { now, unicode, width }: Look): Line[] {
  const begins = lastDay(now);
  const values = valuesOf(begins, counts);
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum === 0) return [];
  const top = Math.max(...values);
  const bar = unicode ? columns(values, top, 1, true)[0]! : '';
  const peak = begins[values.indexOf(top)]!;
  const text = `${number(sum)} refused, most in an hour ${number(top)} (${hourMinute(peak)}Z)`;
  const isBeside = bar === '' || LABEL + bar.length + 2 + text.length <= width;
  const blank = bar === '' ? '' : '  ';
  return [
    [styled('bold', 'last day'.padEnd(LABEL)), styled('cyan', bar), isBeside ? blank + text : ''],
    ...(isBeside ? [] : block('', [text], { width })),
  ];
}
