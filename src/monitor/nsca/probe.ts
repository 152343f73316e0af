/** Finds out whether an NSCA daemon would take results, without harm. */
import { randomBytes } from 'node:crypto';
import type { NscaSettings } from './config.ts';
import { connect } from '../connect.ts';
import { MonitorError } from '../error.ts';
import { harmless } from '../harmless.ts';
import type { Finding, Session } from '../monitor.ts';
import { clockFindings } from '../clock.ts';
import { pause } from '../../host/pause.ts';
import { packetSize } from './packet.ts';
import { LEAVE } from './standing.ts';

/**
 * With strict_mode_spoofing nsca 2.10.2 looks up the host, and crashes on a name that is not found.
 * An address (one for documentation, RFC 5737) is always found.
 */
const NO_HOST = '192.0.2.1';

/** What an NSCA client cannot find out. */
const UNSEEN =
  "NSCA does not show whether Nagios gets them; if it does not: command_file in nsca.cfg must be Nagios' own (Debian's file names Icinga's), and strict_mode_spoofing must be off where results are for other hosts";

/** A daemon that can't read a packet closes within this time: two of its sleeps. */
const VERDICT = 2_500;

/** Throws the MonitorError that a session would, or one about the size of packets. */
export async function probe(
  config: NscaSettings,
  open: (signal: AbortSignal) => Promise<Session>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const where = `${config.host}:${config.port}`;
  try {
    const session = await open(signal);
    await session.send([harmless(NO_HOST)], () => {}, signal);
    await session.finish();
    if (config.outputSize === 4096 || !(await losesOldPackets(config, signal))) {
      return [
        { kind: 'ok', text: `${config.name} takes results` },
        { kind: 'note', text: UNSEEN },
        ...clockFindings(config.name, session.clockOffset),
      ];
    }
  } catch (cause) {
    const isRefusal = cause instanceof MonitorError && cause.kind === 'refused';
    if (!isRefusal || config.outputSize === 512) throw cause;
    if (!(await closesAfter(packetSize(512), config, signal))) throw cause;
    const text = `${where} takes packets of 720 bytes only: outputs are 512 bytes, not 4096; set packet: 720`;
    throw new MonitorError('packet-size', text, { cause });
  }
  const text = `${where} expects packets of 4304 bytes, and loses old ones: outputs are 4096 bytes; remove packet: 720`;
  throw new MonitorError('packet-size', text);
}

/** Daemons since 2.9.1 take one old packet a connection, and lose all when it is more. */
async function losesOldPackets(config: NscaSettings, signal: AbortSignal): Promise<boolean> {
  if (await closesAfter(packetSize(512), config, signal)) return false;
  return closesAfter(packetSize(4096), config, signal);
}

/**
 * Sends random bytes. A daemon with packets of this size finds them invalid, and closes (the oldest
 * only drop them); one with longer packets waits for more.
 */
async function closesAfter(
  size: number,
  config: NscaSettings,
  signal: AbortSignal,
): Promise<boolean> {
  await pause(LEAVE, signal);
  const { socket } = await connect(config, signal);
  const greeted = new AbortController();
  const closed = new AbortController();
  socket.once('data', () => greeted.abort());
  socket.on('end', () => closed.abort()).on('error', () => closed.abort());
  const over = AbortSignal.any([signal, closed.signal]);
  await pause(config.timeout, AbortSignal.any([over, greeted.signal]));
  socket.write(randomBytes(size));
  await pause(VERDICT, over);
  socket.destroy();
  signal.throwIfAborted();
  return closed.signal.aborted;
}
