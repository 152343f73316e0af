/** `denywatch explain`: shows which lines of a log are refusals, and how they are read. */
import type { Denial } from '../../parse/denial.ts';
import { checkCorpus } from '../../parse/corpus.ts';
import { explained } from '../../host/who-may-read.ts';
import { output } from '../../result/output.ts';
import { Parser, type Where } from '../../parse/parser.ts';
import { countLines } from '../../parse/search.ts';
import { blocks, type Progress } from '../../parse/blocks.ts';
import { readArguments, UsageError } from '../arguments.ts';
import { inputs } from './input.ts';
import { Out } from './out.ts';
import { TEMPLATE, TextView, unitOf } from './summary.ts';
import { complain } from '../../text/terminal.ts';
import { jsonText, jsonTime } from '../../text/json.ts';
import { plural } from '../../text/amounts.ts';

export const help = `usage: denywatch explain [--json] [FILE... | LINE... | -]
       denywatch explain --corpus FILE

Shows each line that is a refusal, with the format that reads it, its fields, and the output
that a monitor would get. At the end it shows how many lines each format has read, and lines
that mention a refusal but that no format reads. A line that reports connections or messages
that are in no log is shown as IN NO LOG.

Files may be compressed by gzip. Without FILE, or with -, it reads stdin. An argument that
contains a blank and names no file is read as a line.

  --json         one JSON object for each refusal
  --corpus FILE  check a file of log lines, each with its expected reading (such as
                 test/parse/corpus.txt), and show the lines that are read differently
`;

export const OPTIONS = {
  json: { type: 'boolean' },
  corpus: { type: 'string' },
} as const;

/** Runs the verb. @returns the exit status: 0 done, 1 a file could not be read or a line differs */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS, Infinity);
  if (values.corpus !== undefined && (values.json === true || positionals.length > 0))
    throw new UsageError('--corpus FILE stands alone');
  const out = new Out();
  if (values.corpus === undefined)
    return explain(positionals.length === 0 ? ['-'] : positionals, values.json === true, out);
  try {
    return await runCorpus(values.corpus, out);
  } catch (error) {
    fail(error as Error);
    return 1;
  }
}

function fail(error: Error): void {
  complain(`denywatch explain: ${explained(error)}`);
}

async function explain(given: string[], json: boolean, out: Out): Promise<number> {
  const parser = new Parser();
  const progress = process.stderr.isTTY ? createProgress() : null;
  const view = json ? null : new TextView();
  const formats = new Map<string, number>();
  let lines = 0;
  let refusals = 0;
  let failed = 0;
  let forged = 0;
  const unseen = { connections: 0, messages: 0 };
  const onError = (error: Error) => {
    failed++;
    progress?.end();
    out.flush();
    fail(error);
  };
  for await (const block of inputs(given, progress, onError)) {
    // Lines are counted up to those that are shown, and then to the end of the block.
    let counted = 0;
    const before = lines;
    const number = ({ start }: Where) => {
      lines += countLines(block, counted, start);
      counted = start;
      return lines + 1;
    };
    parser.read(
      { stream: '-', bytes: block },
      {
        denial(denial, where) {
          refusals += denial.count;
          formats.set(denial.format, (formats.get(denial.format) ?? 0) + denial.count);
          const line = number(where);
          if (view === null) out.write(asJson(line, denial, where));
          else out.print(view.denial({ line, denial, where, block }));
        },
        forged(denial, where, reason) {
          forged++;
          if (view === null) return;
          out.print(view.forged({ line: number(where), denial, where, block }, reason));
        },
        unseen(one, where) {
          unseen[unitOf(one)] += one.count;
          if (view !== null) out.print(view.unseen({ line: number(where), where, block }, one));
        },
      },
    );
    view?.rest(block, before);
    lines += countLines(block, counted, block.length);
    if (block.at(-1) !== 10) lines++;
  }
  const status = failed === 0 ? 0 : 1;
  if (failed === given.length && lines === 0) return status;
  const counts = [...formats].toSorted((a, b) => b[1] - a[1]);
  progress?.end();
  if (view !== null) out.print(view.summary(counts, lines));
  out.flush();
  // On a screen with the summary this would be repeated.
  if (view !== null && process.stdout.isTTY && process.stderr.isTTY) return status;
  const list = counts.map(([format, count]) => `${format} ${count}`).join(', ');
  const totals = `lines: ${lines}, refusals: ${refusals}${list === '' ? '' : ` (${list})`}`;
  const more = forged === 0 ? '' : `, forged and not counted: ${forged}`;
  const { connections, messages } = unseen;
  const hidden =
    connections + messages === 0
      ? ''
      : `, in no log: ${plural(connections, 'connection')}, ${plural(messages, 'message')}`;
  complain(`${totals}${more}${hidden}`);
  return status;
}

/** One object on a line. By hand, because there may be millions. */
function asJson(line: number, denial: Denial, { dated }: Where): string {
  const { format, at, host, daemon, client, address, user, pid, program } = denial;
  const shownClient = jsonText(client);
  const shownAddress = address === client ? shownClient : jsonText(address);
  return (
    `{"line":${line},"format":${jsonText(format)},"at":${dated ? jsonTime(at) : 'null'},` +
    `"host":${jsonText(host)},"daemon":${jsonText(daemon)},` +
    `"client":${shownClient},"address":${shownAddress},` +
    `"user":${jsonText(user)},"pid":${pid},"program":${jsonText(program)},` +
    // Names in it are safe, so nothing is to be escaped.
    `"output":"${output(TEMPLATE, denial)}"}\n`
  );
}

async function runCorpus(file: string, out: Out): Promise<number> {
  const parts: Buffer[] = [];
  for await (const block of blocks([file], null)) parts.push(Buffer.from(block));
  const { checked, differences } = checkCorpus(Buffer.concat(parts).toString());
  for (const { line, text, expected, read } of differences) {
    out.print([`line ${line}: ${text}`, `  expected ${expected}`, `  read     ${read}`]);
  }
  out.flush();
  complain(`${plural(checked, 'line')} checked, ${differences.length} read differently`);
  return differences.length === 0 ? 0 : 1;
}

/** A progress bar on the terminal's last line, for files whose size is known. */
function createProgress(): Progress & { end(): void } {
  let shown = -1;
  const end = () => {
    if (shown !== -1) process.stderr.write('\r\x1b[K');
    shown = -1;
  };
  // Nobody may read what is shown any more: denywatch explain FILE | head.
  process.once('exit', end);
  return {
    at(done, total) {
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      if (percent === shown) return;
      shown = percent;
      const bar = '#'.repeat(Math.floor(percent / 4)).padEnd(25, '.');
      process.stderr.write(`\r[${bar}] ${percent} %`);
    },
    end,
  };
}
