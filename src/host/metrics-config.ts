/** The entry `metrics`. */
import { isAbsolute, join, resolve } from 'node:path';
import type { Checker, Value } from '../config/checker.ts';
import { Section } from '../config/section.ts';
import type { Surroundings } from '../config/surroundings.ts';
import { ipVersion } from '../text/address.ts';

export interface MetricsConfig {
  /** Absolute path of a file for node_exporter's textfile collector; null: no file. */
  readonly file: string | null;
  /** Where they are served: on loopback, or on a socket's absolute path; null: nowhere. */
  readonly listen:
    | { readonly host: string; readonly port: number }
    | { readonly path: string }
    | null;
}

const FILE = 'denywatch.prom';
/** Longest path of a socket, sockaddr_un. */
const SOCKET_PATH = 107;

/**
 * Reads `metrics`. By default the file is in the directory that systemd made for the service, and
 * there is none otherwise.
 * @param at undefined if the configuration has no `metrics`
 */
export function readMetrics(
  checker: Checker,
  at: Value | undefined,
  around: Surroundings,
): MetricsConfig {
  // systemd creates it for RuntimeDirectory=, and removes it when the service ends.
  const runtime = around.env['RUNTIME_DIRECTORY'];
  const usual = runtime === undefined ? null : join(runtime, FILE);
  if (at !== undefined && checker.isOff(at)) return { file: null, listen: null };
  const keys = new Section(checker, at, ['file', 'listen']);
  return {
    file: keys.readUnlessOff('file', (file) => filePath(checker, file, around), usual),
    listen: keys.readUnlessOff('listen', (listen) => place(checker, listen), null),
  };
}

function filePath(checker: Checker, at: Value, around: Surroundings): string {
  const path = resolve(around.directory, checker.text(at));
  if (!path.endsWith('.prom'))
    checker.problem(at, "must end in '.prom': node_exporter reads no other files");
  return path;
}

/** The path of a socket, or a port of this machine that no other machine can reach. */
function place(checker: Checker, at: Value): MetricsConfig['listen'] {
  const text = checker.text(at, SOCKET_PATH);
  if (isAbsolute(text)) return { path: text };
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const host = v4 === 'localhost' ? '127.0.0.1' : (v6 ?? v4 ?? '');
  const isLoopback = ipVersion(host) !== 0 && (host === '::1' || host.startsWith('127.'));
  const port = Number(digits);
  if (!isLoopback || port < 1 || port > 65_535) {
    checker.problem(
      at,
      `must be a port on loopback such as 127.0.0.1:9751, or the path of a socket, not '${text}': for other machines put a proxy with a password in front of it`,
    );
  }
  return { host, port };
}
