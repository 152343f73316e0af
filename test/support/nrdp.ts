/**
 * A stand-in for NRDP, whose PHP Debian does not package: it does what server/index.php and
 * nagioscorepassivecheck.inc.php of NRDP 2.0 do, in their order, and writes spool files for Nagios.
 */
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { NrdpSettings } from '../../src/monitor/nrdp/config.ts';

export interface NrdpResult {
  readonly type: string;
  readonly host: string;
  readonly service: string;
  readonly state: string;
  readonly output: string;
}

export interface NrdpOptions {
  /** Nagios' spool; null: that is not configured; undefined: none, results are only remembered. */
  readonly spool?: string | null;
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
  readonly requireHttps?: boolean;
  /** The users that the web server knows, and those that NRDP lets in. */
  readonly basic?: {
    readonly passwords: Readonly<Record<string, string>>;
    readonly users: readonly string[];
  };
  /** As NRDP 1.4, which knows XML only. */
  readonly old?: boolean;
  /** Longest body: of the web server (413), and of PHP, which drops it. */
  readonly bodyLimit?: number;
  readonly postMaxSize?: number;
}

export interface Nrdp {
  readonly port: number;
  readonly results: () => readonly NrdpResult[];
  /** How many results each request had. */
  readonly batches: () => readonly number[];
  readonly config: NrdpSettings;
}

const TOKEN = 'geheim&=+ü';

export async function startNrdp(t: TestContext, options: NrdpOptions = {}): Promise<Nrdp> {
  const results: NrdpResult[] = [];
  const batches: number[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const answer = answerTo(request, await text(request), options);
    if (answer.results !== undefined) {
      results.push(...answer.results);
      batches.push(answer.results.length);
    }
    response.writeHead(answer.status ?? 200, { 'Content-Type': answer.type, ...answer.headers });
    response.end(answer.body);
  };
  // A request that is cut is none.
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    void respond(request, response).catch(() => {});
  const server =
    options.tls === undefined ? createServer(handle) : createHttps(options.tls, handle);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    port,
    results: () => results,
    batches: () => batches,
    config: {
      kind: 'nrdp',
      name: 'nrdp',
      places: [{ url: new URL(`${scheme}://127.0.0.1:${port}/nrdp/`), serverName: 'nagios' }],
      tls: { ca: options.tls?.cert ?? null, fingerprints: [], client: null },
      timeout: 60_000,
      sourceAddress: null,
      proxies: {},
      token: Buffer.from(TOKEN),
      format: 'json',
      basic: null,
    },
  };
}

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly results?: readonly NrdpResult[];
}

const html = (status: number, body: string): Answer => ({ status, type: 'text/html', body });

function answerTo(request: IncomingMessage, body: string, options: NrdpOptions): Answer {
  const path = request.url ?? '';
  if (path === '/nrdp') return { ...html(301, ''), headers: { Location: '/nrdp/' } };
  if (path !== '/nrdp/') return html(404, '<h1>Not Found</h1>');
  const user = userOf(request, options);
  if (user === null) return html(401, '<h1>Unauthorized</h1>');
  if (body.length > (options.bodyLimit ?? Infinity)) return html(413, '<h1>Too large</h1>');
  const dropped = body.length > (options.postMaxSize ?? Infinity);
  const form = new URLSearchParams(dropped ? '' : body);
  const { old = false } = options;
  const json = form.get('JSONDATA');
  const type = !old && json !== null && !form.has('XMLDATA') ? 'json' : 'xml';
  const fail = (message: string, information?: string) =>
    said(type, {
      result: { status: -1, message, ...(information !== undefined && { information }) },
    });
  if (options.requireHttps === true && options.tls === undefined) return fail('HTTPS REQUIRED');
  if (options.basic !== undefined) {
    if (user === '') return fail('NOT AUTHENTICATED');
    if (!options.basic.users.includes(user)) return fail('BAD_USER');
  }
  const command = (form.get('cmd') ?? '').toLowerCase();
  if (command === '')
    return html(200, '<!doctype html><title>Nagios Remote Data Processor</title>');
  if (command === 'hello') {
    return said(type, {
      response: { status: 0, message: 'OK', product: 'nrdp', version: '2.0.6' },
    });
  }
  const token = form.get('token') ?? '';
  if (token === '') return fail('NO TOKEN');
  if (token !== TOKEN) return fail('BAD TOKEN');
  if (command !== 'submitcheck') return html(200, 'No command specified or request handler');
  const results = type === 'json' ? fromJson(json!) : fromXml(form.get('XMLDATA'));
  if (typeof results === 'string') return fail(results);
  if (options.spool === null) return fail('NO CHECK RESULTS DIR');
  if (options.spool !== undefined && !write(options.spool, results))
    return fail('BAD CHECK RESULTS DIR');
  const output = `${results.length} checks processed${old ? '.' : ''}`;
  return { ...said(type, { result: { status: 0, message: 'OK', meta: { output } } }), results };
}

/** The user of basic authentication, empty where none is asked for; null: not let in. */
function userOf(request: IncomingMessage, { basic }: NrdpOptions): string | null {
  const [, pair] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? [];
  if (basic === undefined || pair === undefined) return '';
  const [user = '', password] = Buffer.from(pair, 'base64').toString().split(':');
  return basic.passwords[user] === password ? user : null;
}

function said(type: 'json' | 'xml', value: object): Answer {
  if (type === 'json') return { type: 'application/json', body: JSON.stringify(value) };
  return { type: 'text/xml', body: `<?xml version="1.0" encoding="utf-8"?>\n${xml(value)}` };
}

function xml(value: object): string {
  const elements = Object.entries(value).map(([name, inner]) => {
    const content = typeof inner === 'object' ? `\n${xml(inner as object)}` : String(inner);
    return `<${name}>${content}</${name}>\n`;
  });
  return elements.join('');
}

interface JsonResult {
  readonly checkresult?: { readonly type?: string };
  readonly hostname: string;
  readonly servicename?: string;
  readonly state: number | string;
  readonly output: string;
}

function fromJson(json: string): NrdpResult[] | string {
  const { checkresults } = JSON.parse(json) as { checkresults: JsonResult[] };
  if (checkresults.length === 0) return 'BAD JSON';
  return checkresults.map(({ checkresult, hostname, servicename = '', state, output }) => ({
    type: checkresult?.type ?? 'host',
    host: hostname,
    service: servicename,
    state: String(state),
    output,
  }));
}

function fromXml(document: string | null): NrdpResult[] | string {
  if (document === null || document === '') return 'NO DATA';
  if (!/^<\?xml [^]*<checkresults>[^]*<\/checkresults>$/.test(document)) return 'BAD XML';
  const elements = document.matchAll(/<checkresult ([^>]*)>([^]*?)<\/checkresult>/g);
  return Array.from(elements, ([, attributes = '', inner = '']) => {
    const of = (name: string) =>
      unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(inner)?.[1] ?? '');
    return {
      type: /\btype="(\w+)"/.exec(attributes)?.[1] ?? 'host',
      host: of('hostname'),
      service: of('servicename'),
      state: of('state'),
      output: of('output'),
    };
  });
}

const SIGNS: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};

function unescaped(value: string): string {
  return value.replace(/&(\w+);/g, (_, name: string) => SIGNS[name] ?? '?');
}

/** A file a result, with another one beside it that releases it, as NRDP 2.0.6 does. */
function write(spool: string, results: readonly NrdpResult[]): boolean {
  for (const { type, host, service, state, output } of results) {
    const now = Math.floor(Date.now() / 1000);
    const lines = [
      '### NRDP Check ###',
      `start_time=${now}.0`,
      `host_name=${host}`,
      ...(type === 'service' ? [`service_description=${service}`] : []),
      'check_type=1',
      'early_timeout=0',
      'exited_ok=1',
      `return_code=${state}`,
      `output=${output.replaceAll('\n', '\\n')}\\n`,
    ];
    try {
      // tempnam(): a name that nobody else has.
      const name = mkdtempSync(join(spool, '.')).slice(-6);
      const file = join(spool, `c${name}`);
      writeFileSync(file, `${lines.join('\n')}\n`.replaceAll('\t', ' '));
      chmodSync(file, 0o777);
      writeFileSync(`${file}.ok`, '');
    } catch {
      return false;
    }
  }
  return true;
}
