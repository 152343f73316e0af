import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Denial } from '../../src/parse/denial.ts';
import { LONGEST_NAME, Names } from '../../src/parse/names.ts';
import { Parser } from '../../src/parse/parser.ts';

function read(line: string): { denial: Denial; cut: number } {
  const parser = new Parser();
  const found: Denial[] = [];
  const bytes = Buffer.from(`${line}\n`);
  parser.read({ stream: 'log', bytes }, { denial: (denial) => found.push(denial) });
  assert.equal(found.length, 1, line.slice(0, 80));
  return { denial: found[0]!, cut: parser.namesCut };
}

const most = (denial: Denial) =>
  Math.max(
    ...[denial.host, denial.daemon, denial.client, denial.address, denial.user, denial.program].map(
      (name) => name?.length ?? 0,
    ),
  );

const record = (fields: object) =>
  JSON.stringify({
    _HOSTNAME: 'gw',
    SYSLOG_IDENTIFIER: 'sshd',
    MESSAGE: 'refused connect from 192.0.2.9 (192.0.2.9)',
    ...fields,
  });

const longLine = (n: number) =>
  `Nov 22 21:56:43 gw sshd[7]: twist user${n}@host${n}.example to /bin/echo ${'é'.repeat(4_500)}`;

void test('a name is kept whole up to 255 characters, and a longer one is cut, marked and counted', () => {
  const names = new Names();
  assert.equal(names.keep('n'.repeat(LONGEST_NAME)), 'n'.repeat(255));
  assert.equal(names.cut, 0);
  assert.equal(names.keep('n'.repeat(256)), `${'n'.repeat(252)}...`);
  assert.equal(names.keep(`${'n'.repeat(251)}${'\u{1F600}'.repeat(9)}`).isWellFormed(), true);
  assert.equal(names.cut, 2);
  assert.equal(names.keep(null), null);
  for (const name of ['', 'gw', 'é', '名前', '\ud800', '\u{1F600}']) {
    assert.equal(names.keep(name), name);
  }
});

void test('every name of a denial is bounded, whoever chose it', () => {
  const x = 'x'.repeat(9_000);
  for (const line of [
    `Nov 22 21:56:43 gw sshd[7]: refused connect from ${x}@192.0.2.9 (192.0.2.9)`,
    `Nov 22 21:56:43 gw sshd[7]: refused connect from ${x} (192.0.2.9)`,
    `Nov 22 21:56:43 gw sshd[7]: refused connect from a (${x})`,
    `Nov 22 21:56:43 gw xinetd[7]: FAIL: ${x} libwrap from=192.0.2.9`,
    `Nov 22 21:56:43 gw stunnel: LOG4[0]: Service [${x}] REFUSED by libwrap from 192.0.2.9:5`,
    record({ _HOSTNAME: x }),
    record({ SYSLOG_IDENTIFIER: x }),
  ]) {
    const { denial, cut } = read(line);
    assert.ok(most(denial) <= LONGEST_NAME, line.slice(0, 80));
    assert.ok(cut > 0, line.slice(0, 80));
  }
});

void test('a denial holds none of the line that it was read from', () => {
  const parser = new Parser();
  const kept: Denial[] = [];
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 2000; n++) {
    const bytes = Buffer.from(`${longLine(n)}\n`);
    parser.read({ stream: 'log', bytes }, { denial: (denial) => kept.push(denial) });
  }
  gc();
  const grown = process.memoryUsage().heapUsed - before;
  assert.equal(kept.length, 2000);
  // Each line would hold 9 kB, and all of them 18 MB.
  assert.ok(grown < 6_000_000, `${grown} bytes`);
});

/** The tests run without `--expose-gc`. */
function gc(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
