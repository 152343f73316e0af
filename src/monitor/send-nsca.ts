/** What a send_nsca.cfg on this machine contains about the monitor: for a first configuration. */
import { isOfNscaNg, readClientConfig } from './client-config.ts';
import { readNscaNgClientConfig } from './nsca-ng/send-nsca-config.ts';
import { readSendNscaConfig } from './nsca/send-nsca-config.ts';

export interface Client {
  /** The key of the kind of monitor that it is for. */
  readonly key: string;
  /** `HOST` or `HOST:PORT`; null where the file does not name it. */
  readonly server: string | null;
  readonly hasPassword: boolean;
}

/** Reads a file of either client. @throws SendNscaConfigError where it cannot be used */
export function readClient(path: string): Client {
  if (!isOfNscaNg(readClientConfig(path))) {
    const { password } = readSendNscaConfig(path);
    return { key: 'nsca', server: null, hasPassword: password.length > 0 };
  }
  const { server, port, password } = readNscaNgClientConfig(path);
  return {
    key: 'nsca-ng',
    server: server === null || port === null ? server : `${server}:${port}`,
    hasPassword: password !== null,
  };
}

/**
 * The address of the monitor, with the client's kind where none is typed, and the client's server
 * or a host to fill in where there is no address at all; undefined if there is no client either.
 */
export function addressFor(typed: string | undefined, client: Client | null): string | undefined {
  if (client === null) return typed;
  if (typed === undefined) return `${client.key}://${client.server ?? 'monitor'}`;
  return /^\/|:\/\//.test(typed) ? typed : `${client.key}://${typed}`;
}
