/** Denials and folds for the tests of this folder. */
import type { FoldConfig } from '../../src/fold/config.ts';
import { Fold } from '../../src/fold/fold.ts';
import type { Alert } from '../../src/fold/alert.ts';
import type { Denial } from '../../src/parse/denial.ts';
import { describeAlert } from '../../src/result/from-alert.ts';

/** A denial of 203.0.113.7 by sshd, `at` seconds after the beginning, but for what is given. */
export function denial(at: number, given: Partial<Denial> = {}): Denial {
  const client = given.client === undefined ? '203.0.113.7' : given.client;
  return {
    host: 'gw',
    daemon: 'sshd',
    client,
    address: client,
    user: null,
    pid: 4711,
    program: 'sshd',
    format: 'libwrap',
    count: 1,
    ...given,
    at: at * 1000,
  };
}

export const OPTIONS: FoldConfig = {
  window: 60_000,
  maxWindow: 3_600_000,
  keys: 1000,
  scan: null,
  storm: null,
};

/** What the rows of a fold are after it wrote its changes. */
export class Rows extends Map<string, string> {
  store(fold: Fold): void {
    for (const [key, value] of fold.changes()) {
      if (value === null) this.delete(key);
      else this.set(key, value);
    }
  }
}

/** Stores a fold's state and makes a new fold of it, as after a crash. */
export function restarted(fold: Fold, options = OPTIONS): Fold {
  const rows = new Rows();
  rows.store(fold);
  return new Fold(options, rows);
}

/** What an alert says beyond the denial that it is about. */
export function textOf(alert: Alert): string {
  const { about, detail } = describeAlert(alert);
  return ('line' in about ? about.line : '') + detail.line;
}

/** The denial that an alert is about. */
export function denialOf(alert: Alert | undefined): Denial | undefined {
  return alert !== undefined && 'denial' in alert ? alert.denial : undefined;
}

/** An alert in short: `12 repeat 37 (37 more in 60s)`, the time in seconds. */
export function short(alert: Alert): string {
  const { at, kind, count } = alert;
  const text = textOf(alert);
  return `${at / 1000} ${kind} ${count}${text === '' || text.startsWith(' ') ? text : `: ${text}`}`;
}

/** Adds denials in turn, each from `stream`, and gives all alerts in short. */
export function addAll(fold: Fold, denials: readonly Denial[], stream = 'auth.log'): string[] {
  return denials.flatMap((each) => fold.add(each, stream).alerts.map(short));
}

export const total = (alerts: readonly { count: number }[]) =>
  alerts.reduce((sum, { count }) => sum + count, 0);
