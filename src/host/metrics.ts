/**
 * Publishes metrics: in a file for node_exporter's textfile collector, and on a socket. Neither has
 * a timer: the file is written when the caller reports a change.
 */
import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { makeDirectory } from './make-directory.ts';
import type { MetricsConfig } from './metrics-config.ts';
import { listenAt } from './unix-socket.ts';
import { writeWhole } from './whole-file.ts';
import { reasonOf } from '../text/reason.ts';

/**
 * By default the server checks its connections every 30 s, even if there are none. Each has a time
 * limit of its own instead.
 */
const OPTIONS = { connectionsCheckingInterval: 3_600_000, maxHeaderSize: 8192 };

export interface MetricsOutlet {
  /** Something has changed: writes the file again. */
  write(): void;
  /** Closes the socket and removes the file, so that nobody takes old numbers for current ones. */
  close(): Promise<void>;
}

/**
 * Opens what is configured.
 * @param text returns the current metrics
 * @param type the media type of the text
 */
export function openMetrics(
  { file, listen }: MetricsConfig,
  text: () => string,
  type: string,
  log: Logger,
): MetricsOutlet {
  const server = listen === null ? null : serve(listen, text, type, log);
  let failed = false;
  return {
    write() {
      if (file === null) return;
      try {
        makeDirectory(dirname(file));
        // The collector runs as another user.
        writeWhole(file, [text()], { mode: 0o644, durable: false });
        failed = false;
      } catch (err) {
        // Each change tries again: logged once while it lasts.
        if (!failed)
          log.warn({ err }, `cannot write ${file}: correct that, or name another metrics.file`);
        failed = true;
      }
    },
    async close() {
      try {
        if (file !== null) rmSync(file, { force: true });
      } catch {
        // If the disk cannot be written, that was logged when the file was written.
      }
      const open = await server;
      open?.closeAllConnections();
      if (open?.listening === true) await promisify(open.close.bind(open))();
    },
  };
}

/** Answers GET /metrics. Clients need not be trusted: they read numbers and can change none. */
async function serve(
  listen: NonNullable<MetricsConfig['listen']>,
  text: () => string,
  type: string,
  log: Logger,
): Promise<Server> {
  const { createServer } = await import('node:http');
  const server = createServer(OPTIONS, ({ method, url }, response) => {
    const isRead = method === 'GET' || method === 'HEAD';
    const isHere = url?.split('?')[0] === '/metrics';
    const answer = (status: number, body: string, media = 'text/plain') => {
      response.writeHead(status, { 'content-type': media, connection: 'close' });
      response.end(body);
    };
    if (!isRead || !isHere) return answer(isRead ? 404 : 405, 'the metrics are at /metrics\n');
    try {
      answer(200, text(), type);
    } catch (error) {
      // The queue file cannot be read; the part that needs it logs that.
      answer(503, `${reasonOf(error)}\n`);
    }
  });
  server.maxConnections = 20;
  server.setTimeout(10_000);
  const place = 'path' in listen ? listen.path : `${listen.host} port ${listen.port}`;
  server.on('error', (err) =>
    log.warn({ err }, `cannot listen on ${place}: name another metrics.listen`),
  );
  // As accessible as the file: the directory controls who may connect.
  if ('path' in listen) listenAt(server, listen.path, 0o666);
  else server.listen(listen);
  return server;
}
