import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { groupKey, HOUR } from '../../src/queue/history.ts';
import { Queue } from '../../src/queue/queue.ts';
import { denywatch, writeConfig } from '../support/agent.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/until.ts';

/** C0, C1 and DEL, escape sequences, direction and zero width, line separators, a tag character. */
const ACTIVE =
  '\u0007\u001b[2J\u001b]0;t\u0007\u007f\u009b31m\u202e\u2066\u200b\ufeff\u2028\u{e0041}';
const HOSTILE = `a${ACTIVE}b`;
/** The same where brackets would be a tag's. */
const HOST = `g${ACTIVE.replaceAll(/[[\]]/g, '')}w`;
/** What a spreadsheet would take for a formula. */
const FORMULA = '=cmd|calc';

const BOUNDS = { keep: Infinity, results: 1000, size: 1 << 30 };

/** Everything that must not come out, but for the newline that ends a line. */
const NOT_PLAIN = /[\p{C}\p{Zl}\p{Zp}]/u;

/** A queue with hostile text from `send`, from a monitor's answer, and from log lines of the past. */
function fill(path: string): void {
  const queue = new Queue(path, { bounds: BOUNDS });
  const at = Date.now();
  const result = { monitor: HOSTILE, at, state: 2, denials: 1, value: 0 } as const;
  queue.put([
    { ...result, host: HOSTILE, service: HOSTILE, output: `${HOSTILE}\t\n` },
    { ...result, host: 'gw', service: 'TCP Wrappers', output: 'refused for itself' },
  ]);
  const [, second] = queue.outbox(HOSTILE).waiting(0, 2);
  queue.outbox(HOSTILE).setAside(second!.id, `${HOSTILE}\t\n`);
  const hour = at - (at % HOUR);
  queue
    .outbox(HOSTILE)
    .saveBackoff({ failures: 1, next: at + HOUR, kind: 'down', message: HOSTILE });
  queue.store({
    positions: [],
    folds: [],
    results: [],
    denials: 2,
    happened: {
      minutes: new Map(),
      groups: new Map([
        [groupKey(hour, HOSTILE, HOSTILE), new Map([[HOSTILE, 1]])],
        [groupKey(hour, FORMULA, FORMULA), new Map([[FORMULA, 1]])],
      ]),
      events: [{ kind: 'scan', at, host: HOSTILE, text: HOSTILE, denials: 1 }],
      brought: new Map(),
      unseen: [{ hour, host: HOSTILE, program: HOSTILE, why: 'journald-rate-limit', count: 7 }],
    },
    alerts: 1,
    ignored: 0,
    reported: 0,
    inbox: [],
  });
  queue.close();
}

/** A configuration that has hostile text wherever it may have text of its own. */
function configure(dir: string): string {
  const log = `${new Date().toISOString()} ${HOST} sshd[7]: refused connect from e${ACTIVE}e@192.0.2.9 (192.0.2.9)\n`;
  writeFileSync(join(dir, `log\u202e\u009b.log`), log);
  return writeConfig(dir, {
    host: 'g\u202e\u009bw',
    service: 'TCP\u2066Wrappers',
    output: 'Denied {daemon}-{client} {user} {host} \u202e',
    sources: [{ file: `log\u202e\u009b.log`, from: 'start' }],
    monitors: [{ nsca: '127.0.0.1:9', name: `mon\u202e\u009bitor`, password: 'secret' }],
    metrics: { file: 'metrics.prom' },
  });
}

async function output(t: TestContext, config: string, ...words: string[]): Promise<string> {
  const run = denywatch(t, ...words, '--config', config);
  await run.end();
  return run.stdout() + run.stderr();
}

/** Asserts that the text is there, and plain. */
function assertPlain(text: string, what: string): void {
  assert.notEqual(text, '', what);
  for (const line of text.replaceAll('\r\n', '\n').split('\n'))
    assert.doesNotMatch(line, NOT_PLAIN, `${what}: ${JSON.stringify(line)}`);
}

test('nothing that is written acts on a terminal, whoever its text came from', async (t) => {
  const dir = tempDir(t);
  const config = configure(dir);
  const queue = join(dir, 'queue.db');
  fill(queue);
  // The tab is what parts the fields of a list.
  assertPlain((await output(t, config, 'queue', 'list')).replaceAll('\t', ' '), 'queue list');
  const page = join(dir, 'report.html');
  const screens = {
    'queue list --json': ['queue', 'list', '--json'],
    status: ['status'],
    'status --json': ['status', '--json'],
    'status --plugin': ['status', '--plugin'],
    report: ['report'],
    'report --json': ['report', '--json'],
    'report --csv': ['report', '--csv'],
    'report --html': ['report', '--html', page],
    check: ['check'],
    'a mistake in the configuration': ['check', '--offline'],
  };
  for (const [what, words] of Object.entries(screens)) {
    if (what === 'a mistake in the configuration')
      writeFileSync(config, `"ho\u202e\u009bst": 1\nservice: "a\u009bb;"\n`);
    const shown = await output(t, config, ...words);
    assertPlain(what === 'report --html' ? readFileSync(page, 'utf8') : shown, what);
  }
});

test('a spreadsheet finds no formula in a report', async (t) => {
  const dir = tempDir(t);
  const config = configure(dir);
  fill(join(dir, 'queue.db'));
  const csv = await output(t, config, 'report', '--csv');
  assert.match(csv, /,'=cmd\|calc,'=cmd\|calc,'=cmd\|calc,1/);
  assert.doesNotMatch(csv, /(^|[,"])[=+@-]/m);
});

for (const json of [false, true]) {
  test(`the ${json ? 'JSON' : 'text'} log, the metrics and the dry run are plain`, async (t) => {
    const dir = tempDir(t);
    const config = configure(dir);
    const words = ['run', '--verbose', ...(json ? ['--log-json'] : []), '--config', config];
    const agent = denywatch(t, ...words);
    await until('a try to deliver', () => agent.stderr().includes('connect'));
    agent.kill('SIGHUP');
    await until('the metrics', () => existsSync(join(dir, 'metrics.prom')));
    assertPlain(readFileSync(join(dir, 'metrics.prom'), 'utf8'), 'metrics');
    agent.kill();
    await agent.end();
    assertPlain(agent.stderr(), 'log');
    const dry = await output(t, config, 'run', '--dry-run', '--once', ...(json ? ['--json'] : []));
    assertPlain(dry.replaceAll('\t', ' '), 'dry run');
  });
}
