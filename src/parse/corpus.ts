/**
 * A corpus: a text of log lines, each followed by the expected reading. It is a test and a tool:
 * administrators add a line of their own program and see how it is read.
 *
 *     # a comment
 *     Nov 22 21:56:43 gw sshd[4242]: refused connect from 192.0.2.9 (192.0.2.9)
 *     \trefused daemon=sshd client=192.0.2.9 address=192.0.2.9 pid=4242 host=gw
 *     Nov 22 21:56:43 gw kernel: refused connect from 192.0.2.9 (192.0.2.9)
 *     \tno refusal
 *
 * `forged` means a refusal that was not sent by the program it names, `unseen` a report of refusals
 * that are in no log. Only the fields that are given are compared: format, at, host, daemon,
 * client, address, user, pid, program, count, and why for `unseen`. A missing value is `-`; one
 * with a blank, a quote or anything but ASCII is quoted as in JSON.
 */
import type { Denial } from './denial.ts';
import { Parser } from './parser.ts';
import type { Unseen } from './unseen.ts';

/** A line that is read otherwise than the corpus expects. */
export interface Difference {
  /** Number of the log line in the corpus, from 1. */
  readonly line: number;
  readonly text: string;
  readonly expected: string;
  /** What was read of it, in the corpus' own notation. */
  readonly read: string;
}

const FIELD = /([a-z]+)=("(?:[^"\\]|\\.)*"|\S*)/g;

/** Reads every line of a corpus, as one stream, and compares. */
export function checkCorpus(corpus: string): { checked: number; differences: Difference[] } {
  const parser = new Parser();
  const differences: Difference[] = [];
  let checked = 0;
  let subject: { line: number; text: string; read: string[] } | null = null;
  for (const [index, text] of corpus.split('\n').entries()) {
    if (text.startsWith('\t')) {
      if (subject === null)
        throw new Error(`line ${index + 1} is an expectation without a log line above it`);
      const expected = text.trim();
      const read = asExpected(subject.read, expected);
      if (read !== expected) differences.push({ ...subject, expected, read });
      checked++;
      subject = null;
    } else if (text !== '' && !text.startsWith('#')) {
      if (subject !== null) throw new Error(`line ${subject.line} has no expectation below it`);
      subject = { line: index + 1, text, read: [] };
      const { read } = subject;
      parser.read(
        { stream: 'corpus', bytes: Buffer.from(`${text}\n`) },
        {
          denial: (denial, { dated }) => read.push('refused', ...fields(denial, dated)),
          forged: (denial, { dated }) => read.push('forged', ...fields(denial, dated)),
          unseen: (unseen, { dated }) => read.push('unseen', ...fields(unseen, dated)),
        },
      );
    }
  }
  if (subject !== null) throw new Error(`line ${subject.line} has no expectation below it`);
  return { checked, differences };
}

function fields(read: Denial | Unseen, dated: boolean): string[] {
  const at = dated ? new Date(read.at).toISOString() : null;
  return Object.entries({ ...read, at }).flatMap(([name, value]) =>
    typeof value === 'boolean' ? [] : `${name}=${word(value)}`,
  );
}

function word(value: string | number | null): string {
  if (value === null) return '-';
  const text = String(value);
  return /^[!#-~]+$/.test(text) ? text : JSON.stringify(text);
}

/** What was read, with only the expected fields, in their order. */
function asExpected(read: readonly string[], expected: string): string {
  if (read.length === 0) return 'no refusal';
  const names = [...expected.matchAll(FIELD)].map((m) => m[1]);
  const values = new Map(read.slice(1).map((each) => [each.slice(0, each.indexOf('=')), each]));
  const wanted = names.length === 0 ? [...values.keys()] : names;
  const shown = wanted.map((name) => values.get(name ?? '') ?? `${name}: no such field`);
  return [read[0], ...shown].join(' ');
}
