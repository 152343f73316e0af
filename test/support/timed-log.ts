/** Logs whose lines come at given times, read by a pipeline whose clock is an argument. */
import type { TestContext } from 'node:test';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { given, type PipelineGiven } from './pipeline.ts';

const SECOND = 1000;

/** A line, and when it is written, ms since 1970. */
export interface Written {
  readonly at: number;
  readonly line: string;
  /** By default the only one. */
  readonly stream?: string;
}

/** How a log writes a time, ms since 1970. */
export type Form = (at: number) => string;

/** RFC 3339 in universal time. */
export const iso: Form = (at) => new Date(at).toISOString();

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The traditional form, without year and zone, on the clocks of a zone. */
export const traditional =
  (zone: string): Form =>
  (at) => {
    const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
    const time = there.toPlainTime().toString({ smallestUnit: 'second' });
    return `${MONTHS[there.month - 1]} ${String(there.day).padStart(2)} ${time}`;
  };

/** A refusal of a client by sshd, as a host logs it. */
export function refused(at: number, client: string, form: Form = iso, host = 'gw'): Written {
  const line = `${form(at)} ${host} sshd[7]: refused connect from ${client} (${client})`;
  return { at, line };
}

/** What was reported, in the order of its time: `21:15:00 Denied sshd-192.0.2.1`. */
export interface Reported {
  readonly at: number;
  readonly output: string;
}

export const STREAM = '/var/log/auth.log';

export interface Reader {
  /** Reads lines as they are written, each at its time; `late` ms later where that is given. */
  readonly live: (lines: readonly Written[], late?: number) => void;
  /** Reads lines in blocks of this many, and is at the end of the streams then. */
  readonly backlog: (lines: readonly Written[], block?: number) => void;
  /** Lets time go on until no window is open, and gives all that was reported, by its time. */
  readonly end: () => Reported[];
  readonly warnings: readonly string[];
  readonly runTo: (time: number) => void;
  readonly pipeline: Pipeline;
  /** Hands lines over as a source does, and says nothing of the end. */
  readonly offer: (lines: readonly Written[]) => void;
  /** What was reported so far, in the order in which it was. */
  readonly results: () => Reported[];
}

/** A pipeline whose clock begins at `now`. */
export function reader(
  t: TestContext,
  now: number,
  { streams = [STREAM], ...options }: PipelineGiven & { streams?: readonly string[] } = {},
): Reader {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now });
  const warnings: string[] = [];
  const { pipeline, offer, results } = given(t, streams, {
    ...options,
    onWarning: (text) => warnings.push(text),
  });
  const runTo = (time: number) => {
    while (Date.now() < time) t.mock.timers.tick(Math.min(500, time - Date.now()));
  };
  const atEnd = () => streams.forEach((stream) => pipeline.caughtUp(stream));
  const offerAll = (lines: readonly Written[]) => {
    for (const stream of streams) {
      const its = lines.filter((one) => (one.stream ?? STREAM) === stream);
      if (its.length > 0)
        offer(
          stream,
          its.map(({ line }) => line),
        );
    }
  };
  const reported = () => results().map(({ at, output }) => ({ at, output }));
  return {
    warnings,
    runTo,
    pipeline,
    offer: offerAll,
    results: reported,
    live: (lines, late = 0) => {
      atEnd();
      for (const { at, line, stream = STREAM } of lines) {
        runTo(at + late);
        offer(stream, [line]);
        pipeline.caughtUp(stream);
      }
    },
    backlog: (lines, block = lines.length) => {
      for (const stream of streams) {
        const its = lines.filter((one) => (one.stream ?? STREAM) === stream);
        for (let i = 0; i < its.length; i += block) offerAll(its.slice(i, i + block));
      }
      atEnd();
    },
    end: () => {
      for (let i = 0; pipeline.state().open > 0 || i === 0; i++) {
        if (i > 20_000) throw new Error('a window does not end');
        t.mock.timers.tick(30 * SECOND);
      }
      return reported().toSorted((a, b) => a.at - b.at || (a.output < b.output ? -1 : 1));
    },
  };
}

/** `Denied sshd-192.0.2.1` as `192.0.2.1`, for what is compared in tests. */
export const outputs = (reported: readonly Reported[]) =>
  reported.map(({ output }) => output.replace('Denied sshd-', ''));
