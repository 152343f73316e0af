import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Denial } from '../../src/parse/denial.ts';
import { readLine } from '../../src/parse/parser.ts';
import { datingBy } from '../../src/parse/time.ts';

/** A captured line with its expected reading; see the comment in test/samples. */
interface Sample {
  raw?: string;
  raw_b64?: string;
  denial: boolean;
  ambiguous: boolean;
  daemon: string | null;
  client: string | null;
  address: string | null;
  user: string | null;
  user_b64?: string;
  pid: number | null;
  host: string | null;
  program?: string | null;
  repeat?: number;
  note?: string;
}

const NOW = Date.UTC(2026, 10, 23);
const root = join(import.meta.dirname, '../..');
// Lines of other projects' test suites are not ours to copy: read where a checkout has them beside.
const folders = ['test/samples', '../shared/samples/public'].map((name) => join(root, name));

for (const folder of folders.filter((name) => existsSync(name))) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    void test(`every line of ${file} is read as expected`, () => {
      const text = readFileSync(join(folder, file), 'utf8');
      for (const line of text.split('\n').filter((each) => each !== '')) {
        check(JSON.parse(line) as Sample);
      }
    });
  }
}

/** What the journal shows to be forged counts as none. */
function refusalIn(raw: string): Denial | null {
  const line = readLine(raw, datingBy(NOW));
  return line === null || line.forged !== null ? null : line.denial;
}

function check(sample: Sample): void {
  if (sample.ambiguous) return;
  const { raw = Buffer.from(sample.raw_b64 ?? '', 'base64').toString() } = sample;
  const read = refusalIn(raw);
  assert.equal(read !== null, sample.denial, raw);
  if (read === null) return;
  const { daemon, user_b64, pid, host } = sample;
  const user = user_b64 === undefined ? sample.user : Buffer.from(user_b64, 'base64').toString();
  // tftpd-hpa prints its own address, which the sample notes: it must not be taken for a client's.
  const own = sample.note?.startsWith('tftpd-hpa 5.2 prints the LOCAL') ?? false;
  const [client, address] = own ? [null, null] : [sample.client, sample.address];
  const { program = read.program, repeat = 1 } = sample;
  assert.deepEqual(
    {
      daemon: read.daemon,
      client: read.client,
      address: read.address,
      user: read.user,
      pid: read.pid,
      host: read.host,
      program: read.program,
      repeat: read.count,
    },
    { daemon, client, address, user, pid, host, program, repeat },
    raw,
  );
}
