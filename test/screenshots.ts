/**
 * Takes pictures of the report's page: `npm run screenshots`. The README shows
 * docs/report.png. With a folder in SCREENSHOTS it also takes those for a person to look at: narrow, wide
 * and dark.
 */
import { join } from 'node:path';
import test from 'node:test';
import { groupKey, HOUR, type HistoryEvent } from '../src/queue/history.ts';
import { Queue } from '../src/queue/queue.ts';
import { denywatch, writeConfig } from './support/agent.ts';
import { browser } from './support/browser.ts';
import { randomFrom } from './support/random.ts';
import { tempDir } from './support/temp.ts';

const SHOWN = new URL('../docs/report.png', import.meta.url).pathname;
/** Only the beginning of the page: the figures and the first chart. */
const [WIDTH, HEIGHT] = [900, 610];
const DAYS = 14;
const CLIENTS = ['203.0.113.7', '198.51.100.23', '192.0.2.77', '2001:db8:5::1', '198.51.100.180'];
const DAEMONS = ['sshd', 'sshd', 'sshd', 'vsftpd', 'in.telnetd'];

/** Two weeks of a host: little by day, more by night, and one storm. */
function fill(path: string): void {
  const random = randomFrom(7);
  const queue = new Queue(path, { bounds: { results: 10, size: 1e9, keep: 1e12 } });
  const now = Date.now();
  for (let ago = DAYS * 24; ago >= 0; ago--) {
    const at = now - ago * HOUR;
    const isNight = new Date(at).getHours() < 6;
    const count = ago === 5 * 24 ? 420 : random(isNight ? 30 : 9);
    const client = CLIENTS[random(CLIENTS.length)]!;
    const daemon = DAEMONS[random(DAEMONS.length)]!;
    const groups = new Map([[groupKey(at, 'firestorm', daemon), new Map([[client, count]])]]);
    const scan = `Scan from ${client}: refused by sshd, vsftpd, in.telnetd`;
    const events: HistoryEvent[] =
      ago % 97 === 60 ? [{ at, kind: 'scan', host: 'firestorm', text: scan, denials: 3 }] : [];
    const happened = {
      minutes: new Map<number, number>(),
      groups,
      events,
      unseen: [],
      brought: new Map(),
    };
    const rest = { positions: [], folds: [], results: [], ignored: 0, inbox: [] };
    queue.store({ ...rest, alerts: 0, reported: 0, denials: count, happened });
  }
  queue.close();
}

void test('pictures of the report', async (t) => {
  const dir = tempDir(t);
  const config = writeConfig(dir, { sources: [{ file: 'auth.log' }] });
  fill(join(dir, 'queue.db'));
  const file = join(dir, 'report.html');
  const options = ['--since', `${DAYS}d`, '--host', 'firestorm', '--html', file];
  await denywatch(t, 'report', '--config', config, ...options).end();
  const page = await browser(t);
  await page.show(file, { width: WIDTH });
  await page.picture(SHOWN, HEIGHT);
  const more = process.env['SCREENSHOTS'];
  if (more === undefined) return;
  for (const width of [360, 1200])
    for (const scheme of ['light', 'dark'] as const) {
      await page.show(file, { width, scheme });
      await page.picture(join(more, `report-${width}-${scheme}.png`));
    }
});
