/**
 * One HTTP server as a monitor: persistent connections, requests with time limits, answers of
 * bounded size. Loaded when the first session is opened: it takes some megabytes.
 */
import {
  request as requestHttp,
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { request as requestHttps, Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { MonitorError } from '../error.ts';
import type { HttpSettings, Place } from './config.ts';
import { connectionError, fingerprintError, redirectError } from './errors.ts';

/** Longest body of an answer that is read, bytes: those of Icinga and NRDP have a few hundred. */
const BODY = 64 * 1024;

/** Longest header of an answer, bytes. */
const HEADER = 16 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Appended to the path of the URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** The media type, without parameters, in lower case; empty where there is none. */
  readonly type: string;
  readonly body: string;
}

export interface HttpOptions {
  readonly settings: Pick<HttpSettings, 'tls' | 'timeout' | 'sourceAddress' | 'proxies'>;
  readonly place: Place;
  /** Most connections at a time. */
  readonly connections: number;
}

type CreateConnection = HttpsAgent['createConnection'];
type Created = Parameters<CreateConnection>[1];

/** Hands out a connection only when the other end is verified. */
class TrustingAgent extends HttpsAgent {
  readonly #where: string;
  readonly #fingerprints: readonly string[];
  /** Connections that are being made, and are not handed out yet. */
  readonly #pending = new Set<Duplex>();

  constructor(
    options: ConstructorParameters<typeof HttpsAgent>[0],
    where: string,
    fingerprints: readonly string[],
  ) {
    super(options);
    this.#where = where;
    this.#fingerprints = fingerprints;
  }

  override createConnection(...[options, created]: Parameters<CreateConnection>) {
    const settle: Created = (error, stream) => {
      if (direct !== undefined && direct !== null) this.#pending.delete(direct);
      created?.(error, stream);
    };
    // Through a proxy the callback receives it when the tunnel is open.
    const direct = super.createConnection(options, (error, stream) => {
      if (error === null && stream instanceof TLSSocket) this.#verify(stream, settle);
      else settle(error, stream);
    });
    if (direct !== undefined && direct !== null) this.#pending.add(direct);
    if (direct instanceof TLSSocket) this.#verify(direct, settle);
    return undefined;
  }

  override destroy(): void {
    for (const socket of this.#pending) socket.destroy();
    this.#pending.clear();
    super.destroy();
  }

  #verify(socket: TLSSocket, settle: Exclude<Created, undefined>): void {
    const fail = (error: Error) => {
      socket.destroy();
      settle(error, socket);
    };
    const secure = () => {
      socket.off('error', fail);
      const error = this.#stranger(socket);
      if (error === null) settle(null, socket);
      else fail(error);
    };
    // The handshake is already complete, as with a proxy's tunnel.
    if (socket.getFinished() !== undefined) return secure();
    socket.once('error', fail).once('secureConnect', secure);
  }

  /** An error where no fingerprint matches the certificate. */
  #stranger(socket: TLSSocket): Error | null {
    if (this.#fingerprints.length === 0 || socket.isSessionReused()) return null;
    // It is an empty object where the server has no certificate.
    const theirs: Partial<PeerCertificate> = socket.getPeerCertificate();
    if (this.#fingerprints.includes(theirs.fingerprint256 ?? '')) return null;
    return fingerprintError(this.#where, theirs.fingerprint256 ?? '');
  }
}

export class HttpClient {
  /** The server, for messages: `https://monitor:5665`. */
  readonly where: string;
  readonly #options: HttpOptions;
  readonly #agent: HttpAgent;

  /** Throws MonitorError `local` where certificate and key do not match. */
  constructor(options: HttpOptions) {
    this.#options = options;
    this.where = options.place.url.origin;
    this.#agent = newAgent(options, this.where);
  }

  /**
   * Sends a request and reads the whole answer. A redirection is an error, and is never followed.
   * @throws MonitorError, or the signal's reason
   */
  async request(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const exchange = new Exchange(this.where, this.#options.settings.timeout);
    try {
      return await exchange.run(this.#begin(request), request.body, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MonitorError) throw error;
      throw connectionError(this.#options, exchange.isConnected, error as Error);
    }
  }

  /** Closes every connection; the next request opens a new one, and resumes the TLS session. */
  close(): void {
    this.#agent.destroy();
  }

  #begin({ method, path, headers, body }: HttpRequest): ClientRequest {
    const { url } = this.#options.place;
    const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
    return begin({
      agent: this.#agent,
      protocol: url.protocol,
      // For an IPv6 address the URL includes the brackets.
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + path,
      method,
      headers: {
        'User-Agent': 'denywatch',
        ...headers,
        ...(body !== '' && { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
      maxHeaderSize: HEADER,
    });
  }
}

/** One request and its answer, each step with its time limit. */
class Exchange {
  readonly #where: string;
  readonly #timeout: number;
  #timer: NodeJS.Timeout | undefined;
  isConnected = false;

  constructor(where: string, timeout: number) {
    this.#where = where;
    this.#timeout = timeout;
  }

  async run(request: ClientRequest, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    // Node reports that a request was destroyed before it had a connection only when it has one.
    const fail = (error: Error) => {
      reject(error);
      request.destroy();
    };
    const onAbort = () => fail(signal.reason as Error);
    const late = (error: () => MonitorError) => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => fail(error()), this.#timeout);
    };
    const connected = () => {
      this.isConnected = true;
      late(() => this.#unanswered());
    };
    late(() => this.#unreachable());
    signal.addEventListener('abort', onAbort);
    request.on('error', reject);
    // A TLS connection is handed out when it is ready.
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', connected);
      else connected();
    });
    request.once('response', (response) => void this.#read(response).then(resolve, fail));
    request.end(body);
    try {
      return await promise;
    } finally {
      clearTimeout(this.#timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #read(response: IncomingMessage): Promise<HttpAnswer> {
    const { statusCode: status = 0, headers } = response;
    if (status >= 300 && status < 400) throw redirectError(this.#where, headers.location);
    const coding = headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity') {
      throw new MonitorError(
        'protocol',
        `${this.#where} sends a compressed answer, which was not requested; is there a proxy in between?`,
      );
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY) throw this.#tooLong(status);
      chunks.push(chunk);
    }
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    return { status, type: type.trim().toLowerCase(), body: Buffer.concat(chunks).toString() };
  }

  #tooLong(status: number): MonitorError {
    const text = `${this.#where} answers with more than ${BODY / 1024} KiB (HTTP ${status}); is the URL right?`;
    return new MonitorError('protocol', text);
  }

  #unreachable(): MonitorError {
    const text = `${this.#where} did not answer in ${this.#timeout / 1000} s; is there a firewall in between?`;
    return new MonitorError('down', text);
  }

  #unanswered(): MonitorError {
    const text = `${this.#where} did not answer the request in ${this.#timeout / 1000} s; is it stuck, or overloaded?`;
    return new MonitorError('unknown', text);
  }
}

function newAgent({ settings, place, connections }: HttpOptions, where: string): HttpAgent {
  const { tls, sourceAddress, proxies } = settings;
  const common = {
    keepAlive: true,
    maxSockets: connections,
    proxyEnv: proxies,
    ...(sourceAddress !== null && { localAddress: sourceAddress }),
  };
  if (place.url.protocol === 'http:') return new HttpAgent(common);
  return new TrustingAgent(
    {
      ...common,
      ...(tls.ca !== null && { ca: tls.ca }),
      ...tls.client,
      ...(place.serverName !== null && { servername: place.serverName }),
      // A fingerprint proves more than a CA and a name; it is checked before anything is sent.
      ...(tls.fingerprints.length > 0 && { rejectUnauthorized: false }),
    },
    where,
    tls.fingerprints,
  );
}
