/** Reads a Nagios' hosts and services from its objects.cache and status.dat. */
import { readFileSync } from 'node:fs';

/** A block of either file: `define service { … }`, `servicestatus { … }`. */
interface Block {
  readonly kind: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** The blocks of such a file, in order. Throws what reading throws. */
function* blocksOf(path: string): Generator<Block> {
  let kind: string | null = null;
  let fields = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, begins] = /^(?:define )?(\w+) \{\s*$/.exec(line) ?? [];
    if (begins !== undefined) {
      kind = begins;
      fields = new Map();
    } else if (kind !== null && line.trim() === '}') {
      yield { kind, fields };
      kind = null;
    } else if (kind !== null) {
      // A tab separates name and value in one, an equals sign in the other.
      const [, name, value] = /^\s*(\w+)[\t=](.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) fields.set(name, value);
    }
  }
}

/** What is known of one service, or of a host where the service is empty. */
export interface Known {
  readonly host: boolean;
  readonly service: boolean;
  readonly takesPassive: boolean;
}

/** What a Nagios knows of each of these, in order. Throws where the objects cannot be read. */
export function lookUp(
  objectCache: string,
  statusFile: string | null,
  wanted: readonly { readonly host: string; readonly service: string }[],
): Known[] {
  const known = wanted.map(() => ({ host: false, service: false, takesPassive: true }));
  for (const block of blocksOf(objectCache)) note(block, wanted, known);
  // What was turned off at run time is only in its status.
  if (statusFile !== null) {
    for (const block of blocksOf(statusFile)) note(block, wanted, known);
  }
  return known;
}

const HOSTS = new Set(['host', 'hoststatus']);
const SERVICES = new Set(['service', 'servicestatus']);

function note(
  { kind, fields }: Block,
  wanted: readonly { readonly host: string; readonly service: string }[],
  known: { host: boolean; service: boolean; takesPassive: boolean }[],
): void {
  const isHost = HOSTS.has(kind);
  if (!isHost && !SERVICES.has(kind)) return;
  const takes = fields.get('passive_checks_enabled') !== '0';
  for (const [i, { host, service }] of wanted.entries()) {
    const one = known[i]!;
    if (fields.get('host_name') !== host) continue;
    if (isHost) {
      one.host = true;
      if (service !== '') continue;
      one.service = true;
      one.takesPassive &&= takes;
    } else if (fields.get('service_description') === service) {
      one.service = true;
      one.takesPassive &&= takes;
    }
  }
}

/** What the running Nagios accepts at the moment; null where its status does not show it. */
export function programStatus(statusFile: string): { takesPassive: boolean } | null {
  for (const { kind, fields } of blocksOf(statusFile)) {
    if (kind === 'programstatus') {
      return { takesPassive: fields.get('passive_service_checks_enabled') !== '0' };
    }
  }
  return null;
}
