/**
 * A service that only reports its state to systemd. It ends with the status that is in
 * the file `status` of its state folder, if there is one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { openLog } from '../../src/host/log.ts';
import { notifier } from '../../src/host/notify.ts';
import { feedWatchdog } from '../../src/host/watchdog.ts';

const log = openLog();
const file = `${process.env['STATE_DIRECTORY']}/status`;
if (existsSync(file)) process.exit(Number(readFileSync(file, 'utf8')));
const notify = notifier(process.env, log);
let reloads = 0;
feedWatchdog(notify, {}, log);
notify.status('0 reloads');
notify.ready();
process.on('SIGHUP', () => {
  notify.reloading();
  notify.status(`${++reloads} reloads`);
  notify.ready();
});
process.once('SIGTERM', () => {
  notify.stopping();
  log.info('stopping');
  process.exit(0);
});
