/** Where the configuration file is. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSea } from 'node:sea';

const INSTALLED = '/etc/denywatch/denywatch.yaml';

/**
 * Where the configuration is looked for if none is named: the system's, or in a checkout the one
 * there.
 */
export const PLACES = isSea() ? [INSTALLED] : [INSTALLED, resolve('etc/denywatch.yaml')];

/** The configuration file to use: the one named, or the first of the usual places that exists. */
export function configPath(named: string | undefined): string {
  return resolve(named ?? PLACES.find((place) => existsSync(place)) ?? PLACES[0]!);
}
