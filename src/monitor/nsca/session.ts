/**
 * One NSCA connection, and what it lets a client know. NSCA acknowledges nothing: whether the
 * daemon took the results is told only by how and when it closes the connection.
 *
 * The phases, and what the end of the connection means in each:
 *
 * - `greeting`, until the init packet has come. Closed: the daemon can't use its own encryption
 *   method or doesn't talk to this host.
 * - `settling`, a moment in which nothing is sent. Closed: the daemon can't open its command file.
 *   Had we sent something, this would look like a refusal.
 * - `open`. Closed or reset: refused. A daemon that can't read a packet closes at once; with
 *   more of our packets still unread the close becomes a reset. After a single packet our side
 *   must stay open for a while, for once it is closed a refusal and a success look the same.
 * - `ending`, our side is closed. Closed: everything was read, decrypted and written. Reset:
 *   refused. Nothing: unknown.
 */
import type { Socket } from 'node:net';
import type { NscaSettings } from './config.ts';
import type { CheckResult } from '../../result/check-result.ts';
import { outputOf, reasonAgainst } from '../command.ts';
import type { Connection } from '../connect.ts';
import { MonitorError } from '../error.ts';
import type { Session } from '../monitor.ts';
import type { Limits } from '../protocol.ts';
import { pause } from '../../host/pause.ts';
import { loadMethod, type Transform } from './cipher.ts';
import { decodeInit, encodePacket, INIT_SIZE } from './packet.ts';
import { nscaProtocol } from './protocol.ts';

/**
 * How long our side stays open after a single packet, ms. Two sleeps of a second are the longest
 * that the daemon lets a packet wait by itself. One that has refused before may refuse again, and
 * may be held up by another client meanwhile (`nsca --single` by one that stops in a packet), so it
 * is given nearly all of the 10 s after which it closes an idle connection.
 */
const SINGLE_HOLD: Readonly<Record<Standing, number>> = {
  new: 2_000,
  trusted: 2_000,
  suspect: 8_000,
};
/** A daemon that can't open its command file closes within this time of its init packet. */
const SETTLE = 30;

/**
 * Packets of one write; the next is made while it is on its way. A daemon that finds half a packet
 * sleeps for a second, so a write is whole packets and fits a daemon's first receive window, 62 KiB
 * on Linux. With Nagle's algorithm off it then travels as it was written.
 */
const PIECE = 14;
/**
 * Writes at the beginning of a session with a pause of 1 ms behind each: that long a daemon takes to
 * read one. Its window is small then, and what does not fit it is cut in the middle of a packet.
 */
const GENTLE = 8;

/** What is known of the password and the method: nothing, that they are right, or a refusal. */
export type Standing = 'new' | 'trusted' | 'suspect';

type Phase = 'greeting' | 'settling' | 'open' | 'ending' | 'over';

/**
 * Takes over a connection, and gives the session when the daemon is ready for results.
 */
export async function startSession(
  { socket, roundTrip }: Connection,
  config: NscaSettings,
  standing: Standing,
  signal: AbortSignal,
): Promise<Session> {
  const where = `${config.host}:${config.port}`;
  const protocol = nscaProtocol(config);
  const { limits } = protocol;
  const over = new AbortController();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const taken = Promise.withResolvers<void>();
  let phase: Phase = 'greeting';
  let packets = 0;
  let pieces = 0;
  let lastWrite = 0;

  const end = () => {
    phase = 'over';
    over.abort();
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  };
  const fail = (error: unknown) => {
    if (phase === 'over') return;
    end();
    reject(error);
  };
  const onAbort = () => fail(signal.reason);
  const closed = (reset: boolean, cause?: Error) => {
    if (phase === 'over') return;
    if (phase === 'ending' && !reset && socket.writableFinished) {
      end();
      taken.resolve();
    } else fail(closeError(where, phase, packets, reset && standing === 'trusted', cause));
  };
  const answerIn = async <T>(ms: number, answer: Promise<T>, error: MonitorError) => {
    const timer = setTimeout(() => fail(error), ms);
    try {
      return await Promise.race([answer, failed]);
    } finally {
      clearTimeout(timer);
    }
  };

  const stay = async (ms: number) => {
    await pause(ms, over.signal);
    if (over.signal.aborted) await failed;
  };

  // Nobody may be waiting at the moment in which the session fails.
  failed.catch(() => {});
  signal.addEventListener('abort', onAbort);
  socket.on('end', () => closed(false)).on('error', (error) => closed(true, error));
  if (signal.aborted) onAbort();

  const greeting = await answerIn(
    config.timeout,
    readGreeting(socket),
    new MonitorError(
      'silent',
      `${where} took the connection, but sent no NSCA greeting in ${config.timeout / 1000} s; ` +
        'is it an NSCA daemon? If so it is stuck: restart it',
    ),
  );
  if (greeting.length > INIT_SIZE) {
    fail(new MonitorError('protocol', `${where} is no NSCA daemon: its greeting is too long`));
    await failed;
  }
  phase = 'settling';
  const init = decodeInit(greeting);
  // The daemon's seconds are cut short, not rounded.
  const clockOffset = init.time - Math.floor(Date.now() / 1000);
  const encrypt = (await loadMethod(config.method))(config.password, init.iv, 'encrypt');
  await stay(Math.max(SETTLE, roundTrip));
  phase = 'open';

  const unanswered = new MonitorError(
    'unknown',
    `${where} does not answer any more. Is it stuck? Restart it`,
  );
  const holdFor = () => {
    if (packets === 0) return 0;
    const hold = (packets === 1 ? SINGLE_HOLD[standing] : 0) + 4 * roundTrip;
    return Math.max(0, lastWrite + hold - performance.now());
  };

  return {
    protocol,
    failed,
    clockOffset,
    holdFor,
    abort: () => fail(new MonitorError('unknown', `the session with ${where} was cut short`)),
    async send(results, onVerdict) {
      let written = Promise.resolve();
      for (let at = 0; at < results.length; at += PIECE) {
        const fit = results.slice(at, at + PIECE).filter((result) => {
          const reason = reasonAgainst(result, limits);
          if (reason !== null) onVerdict(result, { kind: 'refused', reason });
          return reason === null;
        });
        const bytes = encode(fit, { limits, outputSize: config.outputSize }, init.time, encrypt);
        if (phase !== 'open') await failed;
        if (fit.length === 0) continue;
        packets += fit.length;
        const before = written;
        written = write(socket, bytes);
        lastWrite = performance.now();
        await answerIn(2 * config.timeout, before, unanswered);
        if (++pieces <= GENTLE) await pause(1, over.signal);
      }
      await answerIn(2 * config.timeout, written, unanswered);
    },
    async finish() {
      await stay(holdFor());
      phase = 'ending';
      socket.end();
      await answerIn(2 * config.timeout, taken.promise, unanswered);
    },
  };
}

/** Collects the init packet. Keeps reading after it: only a socket that is read sees its end. */
function readGreeting(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    let greeting = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      if (greeting.length < INIT_SIZE) greeting = Buffer.concat([greeting, chunk]);
      if (greeting.length >= INIT_SIZE) resolve(greeting);
    });
  });
}

/** Resolves when the kernel has it all; where that fails, so does the session. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => error ?? resolve());
  });
}

function encode(
  results: readonly CheckResult[],
  { limits, outputSize }: { limits: Limits; outputSize: NscaSettings['outputSize'] },
  time: number,
  encrypt: Transform,
): Buffer {
  const packets: Buffer[] = [];
  const now = Date.now();
  for (const result of results) {
    const { host, service, state } = result;
    // A daemon of that age writes a newline as it is, and so ends the command there.
    const line = outputSize === 512 ? { ...result, output: oneLine(result.output) } : result;
    const output = outputOf(line, now, limits);
    packets.push(encrypt(encodePacket({ time, host, service, state, output }, outputSize)));
  }
  return Buffer.concat(packets);
}

/** Its lines, each without the blanks around it, with one blank between them. */
export function oneLine(text: string): string {
  const lines = text.split('\n');
  if (lines.length === 1) return text;
  const last = lines.length - 1;
  return lines
    .map((line, n) => (n === 0 ? line.trimEnd() : n === last ? line.trimStart() : line.trim()))
    .filter((line, n) => line !== '' || n === 0 || n === last)
    .join(' ');
}

/** What it means that the connection ended in this phase, other than well. */
function closeError(
  where: string,
  phase: Phase,
  packets: number,
  cut: boolean,
  cause?: Error,
): MonitorError {
  if (phase === 'greeting') {
    return new MonitorError(
      'closed',
      `${where} closes every connection at once: its NSCA daemon can't use its own ` +
        'decryption_method, or does not talk to this host (allowed_hosts, only_from, hosts.deny)',
      { cause },
    );
  }
  if (phase === 'settling') {
    return new MonitorError(
      'command-file',
      `${where} closes the connection after its greeting: its NSCA daemon can't open Nagios' ` +
        'command file; is Nagios running there?',
      { cause },
    );
  }
  if (packets === 0 || cut) {
    return new MonitorError('cut', `${where} broke off the connection; was it stopped?`, { cause });
  }
  return new MonitorError(
    'refused',
    `${where} refuses what it gets: the password or the encryption method differs from those in ` +
      'its nsca.cfg (or it was stopped in this moment)',
    { cause },
  );
}
