import assert from 'node:assert/strict';
import test from 'node:test';
import { given } from '../support/pipeline.ts';

const NOW = () => Date.UTC(2026, 10, 27, 12);
const STREAM = '/var/log/syslog';

/** What stunnel and sslh write for one connection each, twice; captured on Debian 13. */
const TEXT = [
  '2026-11-27T09:31:45.141281+00:00 gw stunnel: LOG4[0]: Service [pop3s] REFUSED by libwrap from 192.0.2.5:33457',
  '2026-11-27T09:31:45.141504+00:00 gw stunnel4[2431]: 2026.11.27 09:31:45 LOG4[0]: Service [pop3s] REFUSED by libwrap from 192.0.2.5:33457',
];
const entry = (message: string, transport: string, program: string, micros: number) =>
  JSON.stringify({
    MESSAGE: message,
    _TRANSPORT: transport,
    SYSLOG_IDENTIFIER: program,
    _PID: '2431',
    _UID: '0',
    _HOSTNAME: 'gw',
    __REALTIME_TIMESTAMP: String(1_795_771_905_141_000 + micros),
  });
const REFUSED = 'Service [pop3s] REFUSED by libwrap from 192.0.2.5:33457';
const JOURNAL = [
  entry(`LOG4[0]: ${REFUSED}`, 'syslog', 'stunnel', 281),
  entry(`2026.11.27 09:31:45 LOG4[0]: ${REFUSED}`, 'stdout', 'stunnel4', 504),
  entry('connection from unknown(192.0.2.5): access denied', 'syslog', 'sslh', 600),
  entry('connection from unknown(192.0.2.5): access denied', 'stdout', 'sslh', 650),
];

test('stunnel in syslog and on standard error is one refusal', (t) => {
  const { offer, pipeline, queue } = given(t, [STREAM], { now: NOW });
  offer(STREAM, TEXT);
  pipeline.caughtUp(STREAM);
  assert.equal(queue.overview.totals()['denials'], 1);
});

test('in the journal stunnel and sslh are one refusal each, also beside the text of it', (t) => {
  const { offer, pipeline, queue } = given(t, [STREAM, 'journal'], { now: NOW });
  offer('journal', JOURNAL);
  pipeline.caughtUp('journal');
  offer(STREAM, TEXT);
  pipeline.caughtUp(STREAM);
  assert.equal(queue.overview.totals()['denials'], 2);
});
