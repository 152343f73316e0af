/** Paths of the documents that messages and help refer to. */
import { isSea } from 'node:sea';

/** Where the package installs them. */
const INSTALLED = '/usr/share/doc/denywatch';

/** Each document's path in a checkout. */
export const DOCUMENTS = {
  'hosts.deny': 'etc/hosts.deny.example',
  'Nagios objects': 'etc/nagios/tcp-wrappers.cfg',
  'Icinga objects': 'etc/icinga2/denywatch.conf',
  contributing: 'CONTRIBUTING.md',
} as const;

/** Where the package installs a document of the checkout: what is in etc/ is an example. */
export function installedPath(path: string): string {
  return `${INSTALLED}/${path.replace(/^etc\//, 'examples/')}`;
}

/** Where an administrator finds a document. */
export function documentPath(name: keyof typeof DOCUMENTS): string {
  return isSea() ? installedPath(DOCUMENTS[name]) : DOCUMENTS[name];
}
