/**
 * A monitor that listens with NSCA-ng: TLS with a pre-shared key, and an answer to each result.
 * The server reads one request at a time, so each is sent when the one before is answered:
 * `PUSH <bytes>` → `OKAY` → the command → `OKAY`, or `FAIL <reason>`, which is about this result
 * alone. `BAIL <reason>` is the end of the connection. It can't stand NOOP.
 */
import { randomBytes } from 'node:crypto';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { NscaNgSettings } from './config.ts';
import type { CheckResult } from '../../result/check-result.ts';
import { answerText } from '../answer.ts';
import {
  COMMAND,
  commandOf,
  commandWeight,
  escapeOutput,
  outputOf,
  reasonAgainst,
} from '../command.ts';
import { connect } from '../connect.ts';
import { MonitorError } from '../error.ts';
import { TAKEN, type Monitor, type Session, type Verdict } from '../monitor.ts';
import type { Protocol } from '../protocol.ts';
import { PIPE_PACE } from '../nsca/protocol.ts';

/** TLS 1.3, and for servers with an old OpenSSL what nsca-ng itself lists for TLS 1.2. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'PSK-AES256-CBC-SHA',
].join(':');

/** An answer longer than this is none. */
const LINE = 4096;

/** What it writes goes into the same pipe as NSCA's; it takes as long as it is asked to. */
export const nscaNgProtocol: Protocol = {
  limits: { host: 63, service: 127, output: 4096, command: COMMAND },
  batch: Infinity,
  acknowledges: 'each',
  proof: "the server has it, and writes it to Nagios' command file",
  order: 'sent',
  pace: PIPE_PACE,
  weight: commandWeight,
};

/** Gives the monitor for this configuration; connects only when a session is opened. */
export function openNscaNg(config: NscaNgSettings): Monitor {
  const open = (signal: AbortSignal) => startSession(config, signal);
  return {
    name: config.name,
    open,
    async probe(_services, signal) {
      await (await open(signal)).finish();
      return [{ kind: 'ok', text: `${config.name} takes results` }];
    },
  };
}

async function startSession(config: NscaNgSettings, signal: AbortSignal): Promise<Session> {
  const where = `${config.host}:${config.port}`;
  // Costs 3 MB, and few have such a monitor.
  const { connect: connectTls } = await import('node:tls');
  const { socket: tcp } = await connect(config, signal);
  const socket = connectTls({
    socket: tcp,
    ciphers: CIPHERS,
    pskCallback: () => ({ psk: config.password, identity: config.identity }),
    // The key that both sides know stands in for a certificate.
    checkServerIdentity: () => undefined,
  } as ConnectionOptions);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  let answered: ((line: string) => void) | null = null;

  const fail = (error: unknown) => {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
    reject(error);
  };
  const onAbort = () => fail(signal.reason);
  const onTimeout = () =>
    fail(new MonitorError('unknown', `${where} does not answer; is it stuck? Restart it`));
  const inTime = async <T>(answer: Promise<T>): Promise<T> => {
    const timer = setTimeout(onTimeout, config.timeout);
    try {
      return await Promise.race([answer, failed]);
    } finally {
      clearTimeout(timer);
    }
  };
  const ask = async (request: string): Promise<string> => {
    const answer = new Promise<string>((resolve) => (answered = resolve));
    socket.write(request);
    const line = await inTime(answer);
    if (line.startsWith('BAIL')) {
      fail(new MonitorError('refused', `${where} refuses: ${answerText(line.slice(5))}`));
      await failed;
    }
    return line;
  };
  const push = async (result: CheckResult): Promise<Verdict> => {
    const { limits } = nscaNgProtocol;
    const against = reasonAgainst(result, limits);
    if (against !== null) return { kind: 'refused', reason: against };
    const output = escapeOutput(outputOf(result, Date.now(), limits));
    const command = `${commandOf(result, output, result.at)}\n`;
    let answer = await ask(`PUSH ${Buffer.byteLength(command)}\r\n`);
    if (answer === 'OKAY') answer = await ask(command);
    if (answer === 'OKAY') return TAKEN;
    return { kind: 'refused', reason: answerText(answer.replace(/^FAIL /, '')) };
  };

  failed.catch(() => {});
  signal.addEventListener('abort', onAbort);
  socket.on('error', (error) => fail(tlsError(where, error)));
  socket.on('close', () =>
    fail(new MonitorError('cut', `${where} broke off the connection; was it stopped?`)),
  );
  readLines(socket, (line) => answered?.(line));
  if (signal.aborted) onAbort();

  await inTime(new Promise<void>((resolve) => socket.once('secureConnect', resolve)));
  const hello = await ask(`MOIN 1 ${randomBytes(8).toString('hex')}\r\n`);
  if (hello !== 'MOIN 1') {
    fail(
      new MonitorError(
        'protocol',
        `${where} speaks another version of NSCA-ng (${answerText(hello)}); is it an NSCA-ng server?`,
      ),
    );
    await failed;
  }
  return {
    protocol: nscaNgProtocol,
    failed,
    clockOffset: null,
    holdFor: () => 0,
    abort: () => fail(new MonitorError('unknown', `the session with ${where} was cut short`)),
    async send(results, onVerdict, enough) {
      for (const result of results) {
        if (enough.aborted) return;
        onVerdict(result, await push(result));
      }
    },
    async finish() {
      // Everything is acknowledged already: a connection that breaks now loses nothing.
      await ask('QUIT\r\n').catch(() => {});
      fail(new MonitorError('unknown', 'the session is over'));
    },
  };
}

function readLines(socket: TLSSocket, onLine: (line: string) => void): void {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\r\n');
    text = lines.pop()!.slice(0, LINE);
    for (const line of lines) onLine(line);
  });
}

function tlsError(where: string, cause: NodeJS.ErrnoException & { reason?: string }): MonitorError {
  const { code = '', reason = code, message } = cause;
  // What a server answers depends on its OpenSSL and on the version of TLS.
  if (/UNKNOWN_PSK_IDENTITY|HANDSHAKE_FAILURE/.test(code)) {
    const text = `${where} does not know this identity: add an authorize section for it to its nsca-ng.cfg`;
    return new MonitorError('unauthorised', text, { cause });
  }
  if (/ILLEGAL_PARAMETER|BAD_RECORD_MAC|DECRYPT_ERROR/.test(code)) {
    const text = `${where} has another password for this identity in its nsca-ng.cfg: make them the same`;
    return new MonitorError('unauthorised', text, { cause });
  }
  if (code.startsWith('ERR_SSL')) {
    const text = `no TLS with ${where} (${reason}); is it an NSCA-ng server?`;
    return new MonitorError('tls', text, { cause });
  }
  return new MonitorError('cut', `${where} broke off the connection: ${message}`, { cause });
}
