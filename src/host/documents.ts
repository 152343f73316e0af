/** Where the documents are that the program's texts name. */
import { isSea } from 'node:sea';

/** Of the installed program: as the package lays them out. */
const INSTALLED = '/usr/share/doc/denywatch';

/** Names of documents, and where they are in a checkout and on a host. */
const DOCUMENTS = {
  'hosts.deny': ['etc/hosts.deny.example', `${INSTALLED}/examples/hosts.deny.example`],
  contributing: ['CONTRIBUTING.md', 'CONTRIBUTING.md of the source'],
} as const;

/** How to find a document, for an administrator. */
export function documentPath(name: keyof typeof DOCUMENTS): string {
  return DOCUMENTS[name][isSea() ? 1 : 0];
}
