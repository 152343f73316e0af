/**
 * Where metrics go: a file for node_exporter's textfile collector, and a socket on which they can be
 * asked for. Neither wakes up by itself: the file is written when somebody says that something has
 * changed.
 */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import type { MetricsConfig } from './metrics-config.ts';
import { writeWhole } from './whole-file.ts';

/**
 * By itself the server would look at its connections each 30 s, also when there are none. Each has
 * a time limit of its own.
 */
const OPTIONS = { connectionsCheckingInterval: 3_600_000, maxHeaderSize: 8192 };

export interface MetricsOutlet {
  /** Something has changed: the file is written anew. */
  write(): void;
  /** Closes the socket and removes the file, so that nobody takes old numbers for new ones. */
  close(): Promise<void>;
}

/**
 * Opens what is configured.
 * @param text gives the metrics as they are now
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
        mkdirSync(dirname(file), { recursive: true });
        // The collector runs as another user.
        writeWhole(file, [text()], { mode: 0o644, durable: false });
        failed = false;
      } catch (err) {
        // It is tried again with each change: said once while it lasts.
        if (!failed)
          log.warn({ err }, `cannot write ${file}: mend it, or name another metrics.file`);
        failed = true;
      }
    },
    async close() {
      try {
        if (file !== null) rmSync(file, { force: true });
      } catch {
        // Its disk cannot be written: that was said when the file was.
      }
      const open = await server;
      open?.closeAllConnections();
      if (open?.listening === true) await promisify(open.close.bind(open))();
    },
  };
}

/** Answers GET /metrics. Nothing here needs trust: who asks gets numbers, and can change none. */
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
      // The queue file cannot be read; whoever needs it says so in the log.
      answer(503, `${(error as Error).message}\n`);
    }
  });
  server.maxConnections = 20;
  server.setTimeout(10_000);
  const place = 'path' in listen ? listen.path : `${listen.host} port ${listen.port}`;
  server.on('error', (err) =>
    log.warn({ err }, `cannot listen on ${place}: name another metrics.listen`),
  );
  if ('path' in listen) removeSocket(listen.path);
  server.listen(listen, () => {
    // As readable as the file: the directory says who may come here.
    if ('path' in listen) chmodSync(listen.path, 0o666);
  });
  return server;
}

/** An agent that was killed leaves its socket; anything else there is not ours to remove. */
function removeSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
}
