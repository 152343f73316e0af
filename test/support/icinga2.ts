/**
 * Debian's Icinga 2 on free ports of loopback: one node, or the two of a zone, with a CA of its own,
 * Icinga's example configuration and the objects of etc/icinga2.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Icinga2Settings } from '../../src/monitor/icinga2/config.ts';
import { freePort } from './free-port.ts';
import { program } from './program.ts';
import { tempDir } from './temp.ts';
import { until } from './until.ts';

/** The objects that an administrator is to use. */
const OBJECTS = new URL('../../etc/icinga2/denywatch.conf', import.meta.url).pathname;

/** A check result that a node has processed. */
export interface Processed {
  readonly host: string;
  readonly service: string;
  readonly output: string;
}

export interface Icinga2Node {
  readonly name: string;
  readonly port: number;
  readonly log: () => string;
  /** The check results that it has processed, in order, as soon as it reports them. */
  readonly processed: () => readonly Processed[];
  readonly start: () => Promise<void>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Makes it read its configuration again, and waits until it has. */
  readonly reload: () => Promise<void>;
}

export interface Icinga2 {
  readonly dir: string;
  readonly nodes: readonly Icinga2Node[];
  /** What the notification command was given, one line each. */
  readonly notifications: () => string[];
  /** A certificate of this name, signed by the CA, with its key. */
  readonly certificate: (name: string) => { readonly cert: Buffer; readonly key: Buffer };
  /** A monitor that these nodes take results from. */
  readonly config: Icinga2Settings;
}

export interface Icinga2Options {
  readonly nodes?: readonly string[];
  /** More objects, in Icinga's language. */
  readonly objects?: string;
  /** The root of another release of Debian, whose Icinga is run; it shares /tmp. */
  readonly root?: string;
}

/** How long it may take to stop, ms, before it is killed, as systemd does too. */
const STOP_TIME = 30_000;

const ROOT = { ...process.env, ICINGA2_USER: 'root', ICINGA2_GROUP: 'root' };

/** Starts the nodes, with a CA that is made for them. */
export async function startIcinga2(
  t: TestContext,
  { nodes = ['mon'], objects = '', root = '/' }: Icinga2Options = {},
): Promise<Icinga2> {
  const dir = tempDir(t);
  const elastic = await listen(t);
  const ports = new Map<string, number>();
  for (const name of nodes) ports.set(name, await freePort());
  run(commandIn(root, ['pki', 'new-ca', ...defines(dir)]));
  const cluster = [...ports].map(
    ([name, port]) => `object Endpoint "${name}" {\n  host = "127.0.0.1"\n  port = "${port}"\n}\n`,
  );
  const own = [
    ...cluster,
    `object Zone "master" {\n  endpoints = [ ${nodes.map((name) => `"${name}"`).join(', ')} ]\n}\n`,
    `object ElasticsearchWriter "results" {\n  host = "127.0.0.1"\n  port = ${elastic.port}\n  index = NodeName\n  flush_interval = 1\n  flush_threshold = 20\n}\n`,
    `object IcingaApplication "app" {}\n`,
    objects,
  ].join('\n');
  const made = nodes.map((name) =>
    makeNode(t, dir, {
      name,
      port: ports.get(name)!,
      own,
      root,
      processed: () => elastic.processed(name),
    }),
  );
  await Promise.all(made.map(async ({ start }) => start()));
  return {
    dir,
    nodes: made,
    certificate: (name) => {
      const { key, crt } = makeCertificate(root, dir, dir, name);
      return { key: readFileSync(key), cert: readFileSync(crt) };
    },
    notifications: () => read(join(dir, 'notifications')).split('\n').slice(0, -1),
    config: {
      kind: 'icinga2',
      name: 'icinga',
      places: made.map(({ name, port }) => ({
        url: new URL(`https://127.0.0.1:${port}/`),
        serverName: name,
      })),
      tls: { ca: readFileSync(join(dir, 'ca', 'ca.crt')), fingerprints: [], client: null },
      timeout: 60_000,
      sourceAddress: null,
      proxies: {},
      user: 'denywatch',
      password: Buffer.from('change me'),
      connections: 4,
    },
  };
}

interface NodeOptions extends Pick<Icinga2Node, 'name' | 'port' | 'processed'> {
  /** Objects of its own. */
  readonly own: string;
  readonly root: string;
}

function makeNode(t: TestContext, shared: string, options: NodeOptions): Icinga2Node {
  const { name, port, root, processed } = options;
  const dir = join(shared, name);
  const certs = join(dir, 'certs');
  for (const folder of ['certs', 'run', 'log', 'cache', 'spool']) {
    mkdirSync(join(dir, folder), { recursive: true });
  }
  makeCertificate(root, shared, certs, name);
  copyFileSync(join(shared, 'ca', 'ca.crt'), join(certs, 'ca.crt'));
  const config = writeConfiguration(dir, shared, options);
  const log = () => read(join(dir, 'log', 'icinga2.log'));
  const starts = () => log().split('Started new listener').length - 1;
  let daemon = program(t, 'true', []);
  const again = async (what: () => void) => {
    const before = starts();
    what();
    await until('Icinga 2', () => starts() > before);
  };
  return {
    name,
    port,
    log,
    processed,
    start: () =>
      again(() => {
        const daemonArgs = ['daemon', '-c', config, ...defines(dir)];
        const [command = '', ...args] = commandIn(root, daemonArgs);
        daemon = program(t, command, args, { env: ROOT });
      }),
    stop: async (signal = 'SIGTERM') => {
      // Its workers are of its process group; it ends them itself, if it can.
      process.kill(signal === 'SIGKILL' ? -daemon.pid : daemon.pid, signal);
      await daemon.end(STOP_TIME).catch(() => process.kill(-daemon.pid, 'SIGKILL'));
      await daemon.end();
    },
    reload: () => again(() => daemon.kill('SIGHUP')),
  };
}

function makeCertificate(root: string, shared: string, dir: string, name: string) {
  const [key, csr, crt] = ['key', 'csr', 'crt'].map((kind) => join(dir, `${name}.${kind}`));
  run(commandIn(root, ['pki', 'new-cert', '--cn', name, '--key', key!, '--csr', csr!]));
  run(commandIn(root, ['pki', 'sign-csr', '--csr', csr!, '--cert', crt!, ...defines(shared)]));
  return { key: key!, crt: crt! };
}

/** Debian's example configuration without its hosts, whose checks would take time. */
function writeConfiguration(dir: string, shared: string, options: NodeOptions): string {
  const { name, port, own, root } = options;
  const conf = join(dir, 'conf');
  cpSync(join(root, 'etc/icinga2'), conf, {
    recursive: true,
    dereference: true,
    filter: (path) => !/zones|(hosts|services|apt|downtimes|app)\.conf/.test(path),
  });
  const listener = `object ApiListener "api" {\n  bind_host = "127.0.0.1"\n  bind_port = "${port}"\n}\n`;
  writeFileSync(join(conf, 'zones.conf'), '');
  const constants = join(conf, 'constants.conf');
  writeFileSync(constants, `const NodeName = "${name}"\n${readFileSync(constants, 'utf8')}`);
  writeFileSync(join(conf, 'features-enabled', 'api.conf'), listener);
  writeFileSync(join(conf, 'conf.d', 'own.conf'), own);
  copyFileSync(OBJECTS, join(conf, 'conf.d', 'denywatch.conf'));
  const script = join(shared, 'notify');
  const lines = `#!/bin/sh\necho "$*" >> ${join(shared, 'notifications')}\n`;
  writeFileSync(script, lines, { mode: 0o755 });
  const commands = join(conf, 'conf.d', 'commands.conf');
  const mail = /ConfigDir \+ "\/scripts\/mail-service-notification.sh"/g;
  writeFileSync(commands, readFileSync(commands, 'utf8').replace(mail, `"${script}"`));
  return join(conf, 'icinga2.conf');
}

/** Listens as Elasticsearch does, which Icinga sends each check result to, in order. */
async function listen(t: TestContext) {
  const nodes = new Map<string, Processed[]>();
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const [, node = ''] = /^\/([^/]+)-\d/.exec(request.url ?? '') ?? [];
    const results = processedIn(await text(request));
    nodes.set(node, [...(nodes.get(node) ?? []), ...results]);
    response.setHeader('Content-Type', 'application/json');
    response.end('{"errors":false,"items":[]}');
  };
  const server = createServer((request, response) => void respond(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, processed: (node: string) => nodes.get(node) ?? [] };
}

/** The check results in a body, among the lines that say what the next one is. */
function processedIn(body: string): Processed[] {
  return body.split('\n').flatMap((line) => {
    const event = (line === '' ? {} : JSON.parse(line)) as Record<string, string | undefined>;
    const output = event['check_result.output'];
    if (event['type'] !== 'icinga2.event.checkresult' || output === undefined) return [];
    return { host: event['host'] ?? '', service: event['service'] ?? '', output };
  });
}

function run([command = '', ...args]: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { env: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`);
}

/** The command that runs Icinga, in a root of another release if there is one. */
function commandIn(root: string, args: readonly string[]): string[] {
  if (root === '/') return ['icinga2', ...args];
  const script = `
    mount --bind "$1" "$1"
    mount --bind /tmp "$1/tmp"
    mount --bind /dev "$1/dev"
    mount -t proc proc "$1/proc"
    mount -o remount,ro,bind "$1"
    exec chroot "$@"`;
  const inside = ['unshare', '--mount', '--propagation', 'private', 'bash', '-ec', script, 'bash'];
  return [...inside, root, 'icinga2', ...args];
}

function defines(dir: string): string[] {
  const folders = { Data: '', InitRun: 'run', Log: 'log', Cache: 'cache', Spool: 'spool' };
  return Object.entries(folders).map(([name, folder]) => `-D${name}Dir=${join(dir, folder)}`);
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
