/** Paths of the documents that messages and help refer to. */
import { isSea } from 'node:sea';

/** Where the package installs them. */
const INSTALLED = '/usr/share/doc/denywatch';

/** Each document, with its place in a checkout and on a host. */
const DOCUMENTS = {
  'hosts.deny': ['etc/hosts.deny.example', `${INSTALLED}/examples/hosts.deny.example`],
  contributing: ['CONTRIBUTING.md', 'CONTRIBUTING.md of the source'],
} as const;

/** Where an administrator finds a document. */
export function documentPath(name: keyof typeof DOCUMENTS): string {
  return DOCUMENTS[name][isSea() ? 1 : 0];
}
