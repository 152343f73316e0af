/** Protections, each with the test that shows it: taken out of the source, the test must fail. */
export interface Mutation {
  /** What is taken out. */
  readonly without: string;
  /** The file in src/, and what of its text is replaced by what; it must be there exactly once. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test that fails then: its file in test/, and a pattern for its name. */
  readonly test: string;
  readonly name: string;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    without: 'one transaction for results, positions and open windows',
    file: 'queue/statements.ts',
    find: "if (this.#db.isTransaction) this.#db.exec('ROLLBACK');",
    replace: "if (this.#db.isTransaction) this.#db.exec('COMMIT');",
    test: 'pipeline/pipeline.test.ts',
    name: 'a block that could not be stored',
  },
  {
    without: 'offering a block again that could not be stored',
    file: 'source/file/handover.ts',
    find: 'return false;\n      }\n      if (refusals > 0)',
    replace: 'return true;\n      }\n      if (refusals > 0)',
    test: 'integration/queue-disk.test.ts',
    name: 'a disk that is full',
  },
  {
    without: "waiting for the daemon's answer to our end",
    file: 'monitor/nsca/session.ts',
    find: 'await answerIn(2 * config.timeout, taken.promise, unanswered);',
    replace: '',
    test: 'integration/cut-anywhere.test.ts',
    name: 'reset at any byte',
  },
  {
    without: 'keeping a result in the queue until the session has ended well',
    file: 'delivery/delivery.ts',
    find: 'await session.finish();\n      this.#ledger.takeAll();',
    replace: 'this.#ledger.takeAll();\n      await session.finish();',
    test: 'integration/network-faults.test.ts',
    name: 'goes dead between two packets',
  },
  {
    without: 'patience with a monitor that has refused before',
    file: 'monitor/nsca/session.ts',
    find: 'suspect: 8_000',
    replace: 'suspect: 2_000',
    test: 'integration/nsca-refuses.test.ts',
    name: 'held up before it refuses again',
  },
  {
    without: 'the lock of the queue',
    file: 'queue/lock.ts',
    find: 'BEGIN EXCLUSIVE',
    replace: '',
    test: 'integration/queue-file.test.ts',
    name: 'of a running agent',
  },
  {
    without: 'cleaning names from the network',
    file: 'text/name.ts',
    find: ".replace(UNSAFE, '_')",
    replace: '',
    test: 'integration/hostile-text.test.ts',
    name: 'one plain result',
  },
  {
    without: 'the list of hosts that may speak for themselves',
    file: 'result/host-names.ts',
    find: 'const known = allowed === undefined',
    replace: 'const known = true',
    test: 'integration/hostile-text.test.ts',
    name: 'one host speak for another',
  },
  {
    without: 'telling what is counted when the clock is set back',
    file: 'pipeline/window-clock.ts',
    find: 'now < this.#latest - SET_BACK',
    replace: 'false',
    test: 'integration/clocks.test.ts',
    name: 'set ahead by a year and back',
  },
  {
    without: 'ages that do not jump with the clock',
    file: 'queue/ages.ts',
    find: 'Math.abs(ahead) > SET',
    replace: 'false',
    test: 'queue/queue.test.ts',
    name: 'a clock that is set',
  },
  {
    without: 'going on without a log',
    file: 'host/log.ts',
    find: "stderr.on('error', () => {});",
    replace: '',
    test: 'integration/queue-disk.test.ts',
    name: 'own log cannot be written',
  },
  {
    without: 'ending while a name server is waited for',
    file: 'agent/supervise.ts',
    find: 'endSoon(signal);\n    return 0;',
    replace: 'return 0;',
    test: 'integration/name-server.test.ts',
    name: 'silent, fail or are slow',
  },
  {
    without: 'looking at the queue where the kernel gives no watches',
    file: 'queue/watch.ts',
    find: 'unwatched(error); //',
    replace: 'throw error; //',
    test: 'integration/no-watches.test.ts',
    name: 'gives no watches',
  },
  {
    without: 'hiding pieces of the configuration in the word on a mistake',
    file: 'config/load.ts',
    find: ".replace(/:.*$/s, '')",
    replace: '',
    test: 'integration/secrets.test.ts',
    name: 'the word on a mistake',
  },
  {
    without: 'bounds of the queue',
    file: 'queue/queue.ts',
    find: 'if (over > 0)',
    replace: 'if (false)',
    test: 'queue/queue.test.ts',
    name: '.',
  },
  {
    without: 'a SIGUSR1 that opens no debugger',
    file: 'host/process.ts',
    find: 'process.listenerCount(DEBUG) === 0',
    replace: 'false',
    test: 'integration/signals.test.ts',
    name: 'opens no debugger',
  },
  {
    without: 'signals that end a busy verb',
    file: 'cli.ts',
    find: "// Once more: the verb's modules have brought their own handlers.\n  ownSignals();",
    replace: '',
    test: 'integration/signals.test.ts',
    name: 'lock ends on SIGTERM',
  },
];
