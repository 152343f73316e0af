/**
 * Runs benches, each as a process of its own, and prints their figures.
 *
 *   node test/bench/run.ts [--markdown] [NAME...]
 *
 * NAME is a file here without `.bench.ts`; all of them without any. With `--markdown` the figures
 * become the table in docs/benchmarks.md; what is written below its last line stays.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { isMissed, sentence, short, wantedOf, type Figure } from './measure.ts';

const HERE = import.meta.dirname;
const SUFFIX = '.bench.ts';
const REPORT = `${HERE}/../../docs/benchmarks.md`;
/** The end of what is made by this program. */
const END = '<!-- npm run bench writes what is above -->';

/** The figures of a bench, in the order in which they came; throws where it fails. */
async function run(name: string): Promise<Figure[]> {
  const child = fork(`${HERE}/${name}${SUFFIX}`, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const figures: Figure[] = [];
  child.on('message', (figure: Figure) => {
    figures.push(figure);
    process.stdout.write(`  ${sentence(figure)}\n`);
  });
  const [said, [status]] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  if (status !== 0) throw new Error(`${name} failed:\n${said}`);
  if (figures.length === 0) process.stdout.write(said.replace(/^(?=.)/gm, '  '));
  return figures;
}

function markdown(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, unit, ours, peer, theirs, ratio } = figure;
    const compared = theirs === null ? ' | ' : `${peer}: ${short(theirs)} | ${short(ratio ?? 0)}`;
    return `| ${what} | ${short(ours)} ${unit} | ${compared} | ${wantedOf(figure)} |`;
  });
  const charts = figures.flatMap(({ what, chart }) =>
    chart === undefined ? [] : [`\n${what}:\n\n\`\`\`\n${chart}\n\`\`\`\n`],
  );
  const [cpu] = cpus();
  return `# Benchmarks

Made by \`npm run bench -- --markdown\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpu?.model.trim()}, Linux ${release()}, Node ${process.version}.

Each is compared with a peer in the same run: both take turns, and the figures are medians of the rounds.
The ratio says how many times better denywatch is; it is the median of the rounds' ratios.

| what | denywatch | peer | ratio | wanted |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
${charts.join('')}
${END}
`;
}

/** What people have written below the table. */
function notes(): string {
  if (!existsSync(REPORT)) return '';
  const [, ...rest] = readFileSync(REPORT, 'utf8').split(`${END}\n`);
  return rest.join('');
}

const { values, positionals } = parseArgs({
  options: { markdown: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const all = readdirSync(HERE).filter((file) => file.endsWith(SUFFIX));
const names =
  positionals.length > 0 ? positionals : all.map((file) => file.slice(0, -SUFFIX.length));
const figures: Figure[] = [];
for (const name of names) {
  process.stdout.write(`${name}\n`);
  figures.push(...(await run(name)));
}
if (values.markdown) writeFileSync(REPORT, markdown(figures) + notes());
if (figures.some(isMissed)) process.exitCode = 1;
