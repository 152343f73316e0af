/**
 * `node long-names.ts CASES SEED QUEUE`: refusals whose names are up to 64 KiB long, in every field,
 * through the whole pipeline; it is started again now and then. Says what memory it had at a tenth of
 * the cases, at the end and at most, KiB.
 */
import { readFileSync } from 'node:fs';
import { keepMemorySmall } from '../../src/host/memory.ts';
import { newPipeline } from '../support/pipeline.ts';
import { Queue } from '../../src/queue/queue.ts';
import { randomFrom } from '../support/random.ts';

const STREAM = '/var/log/auth.log';
const LINES = 16;
/** What a name is made of: what a client may send, and what is more than a byte in memory. */
const ALPHABETS = ['abcdefgh0123.-', 'é\u00ff', 'Ω€', '\u{1f4a9}a', ':f0', '\0\x1b\x7f'];
const FORMS = [
  'TIME HOST TAG[1]: refused connect from NAME (ADDR)',
  'TIME HOST TAG[1]: refused connect from USER@NAME (ADDR)',
  'TIME HOST TAG[1]: warning: NAME: connection refused',
  'TIME HOST rlinetd[1]: refused connection from ADDR, service TAG (tcp)',
  'TIME HOST TAG[1]: twist NAME to USER',
  '{"__REALTIME_TIMESTAMP":"1","_HOSTNAME":"HOST","SYSLOG_IDENTIFIER":"TAG","MESSAGE":"refused connect from NAME (ADDR)"}',
];

const [cases = '0', seed = '1', path = ''] = process.argv.slice(2);
keepMemorySmall();
const random = randomFrom(Number(seed));
const rss = () => Math.round(process.memoryUsage.rss() / 1024);
const most = () =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

function name(): string {
  const alphabet = Array.from(ALPHABETS[random(ALPHABETS.length)]!);
  // Most are short, and come again.
  const length = random(3) > 0 ? 1 + random(3) : 1 << random(17);
  return Array.from({ length: Math.min(length, 64) }, () => alphabet[random(alphabet.length)])
    .join('')
    .repeat(Math.ceil(length / 64));
}

const queue = new Queue(path, {
  bounds: { results: 100_000, size: 16 << 20, keep: 1e12 },
  history: { keep: Infinity, clients: 500 },
});
let now = Date.now();
const open = () => newPipeline(queue, [STREAM], { now: () => now });
let pipeline = open();
let early = 0;
for (let n = 0; n < Number(cases); n += LINES) {
  if (early === 0 && n >= Number(cases) / 10) early = rss();
  const time = new Date(now).toISOString();
  const fields: Record<string, () => string> = {
    TIME: () => time,
    HOST: name,
    TAG: name,
    NAME: name,
    ADDR: name,
    USER: name,
  };
  const lines = Array.from({ length: LINES }, () =>
    FORMS[random(FORMS.length)]!.replace(/[A-Z]{3,4}/g, (field) => fields[field]?.() ?? field),
  );
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  pipeline.take({ stream: STREAM, bytes, position: { n } });
  pipeline.caughtUp(STREAM);
  now += random(2000);
  const ids = queue.outbox('monitor:5667').waiting(0, 200);
  if (random(3) === 0) queue.outbox('monitor:5667').delivered(ids.map(({ id }) => id));
  if (random(200) > 0) continue;
  pipeline.close();
  pipeline = open();
}
pipeline.close();
const { denials = 0 } = queue.overview.totals();
queue.close();
process.stdout.write(`${JSON.stringify({ early, late: rss(), most: most(), denials })}\n`);
