/** The screen of `status`: problems, then the current state, then refusals. */
import { isoSeconds } from '../../text/times.ts';
import type { Count } from '../../queue/history-reader.ts';
import type { StreamState } from '../../source/source.ts';
import { lastDay, lastHour, type MonitorStatus, type Status } from './read.ts';
import { bytes, number, plural, span } from '../../text/amounts.ts';
import { columns, cut, wrap } from '../../text/layout.ts';
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
      : `${found.length} to look at`;
  const left = cut(`denywatch on ${host}: ${say}`, width - time.length - 1);
  const style: Style = found.length === 0 ? ['bold', 'green'] : ['bold', 'red'];
  return [[styled(style, left), ' '.repeat(width - left.length - time.length) + time], ''];
}

function problem(state: number, text: string, { width }: Look): Line[] {
  const word = state === 1 ? 'WARNING' : 'PROBLEM';
  const lines = wrap(text, width - LABEL);
  return lines.map((line, i) => [
    styled(state === 1 ? 'yellow' : 'red', (i === 0 ? word : '').padEnd(LABEL) + line),
  ]);
}

function block(label: string, texts: readonly string[], { width }: Look): Line[] {
  const lines = texts.flatMap((text) =>
    wrap(text, width - LABEL - 2).map((line, i) => (i === 0 ? line : `  ${line}`)),
  );
  return lines.map((line, i) => [styled('bold', (i === 0 ? label : '').padEnd(LABEL)), line]);
}

function agent({ agent: state, running, queue }: Status, { now }: Look): string[] {
  if (state === null) return [`${running ? 'running, and silent' : 'not running'}, queue ${queue}`];
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
    `${number(all)} counted${ignored === 0 ? '' : ` (${number(ignored)} ignored by rules)`}, ${number(alerts)} alerts${
      state === null || state.open === 0 ? '' : `, ${number(state.open)} not reported yet`
    }`,
  ];
  const unseen = [
    ...(connections > 0 ? [`${plural(connections, 'connection')} that sshd dropped`] : []),
    ...(messages > 0 ? [`${plural(messages, 'log message')} that were suppressed`] : []),
  ];
  if (unseen.length > 0) lines.push(`not seen: at least ${unseen.join(' and ')}`);
  if (digested > 0)
    lines.push(`${number(digested)} alerts waited too long for a monitor and were sent in digests`);
  if (droppedResults > 0)
    lines.push(
      `dropped ${number(droppedResults)} results with ${number(droppedDenials)} denials because the queue was full`,
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
  const rows = columns(values, top, HEIGHT, unicode).map((row, i): Line => {
    const scale = (i === 0 ? compact(top) : '').padStart(left - 1);
    return [cut(`${scale} ${wall}`, width), styled('cyan', cut(row, width - LABEL).trimEnd())];
  });
  const times = [0, 15, 30, 45].map((i) => hourMinute(begins[i]!).padEnd(15)).join('');
  return [
    [styled('bold', 'last hour'.padEnd(LABEL)), cut(head, width - LABEL)],
    ...rows,
    cut(`${''.padEnd(left)}${corner}${floor.repeat(60)}`, width),
    cut(`${''.padEnd(LABEL)}${times.slice(0, 55)}${hourMinute(begins[59]!)}`, width),
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
  const text = cut(
    `  ${number(sum)} refused, most in an hour ${number(top)} (${hourMinute(peak)}Z)`,
    width - LABEL - bar.length,
  );
  return [
    [styled('bold', 'last day'.padEnd(LABEL)), styled('cyan', bar), text.slice(bar === '' ? 2 : 0)],
  ];
}
