import { HOST_PORT } from '../address.ts';
import type { MonitorKind } from '../kind.ts';
import { methodOf } from './cipher.ts';
import { KEYS, readNsca, type NscaSettings } from './config.ts';
import { openNsca } from './nsca.ts';

export const nsca: MonitorKind<NscaSettings> = {
  key: 'nsca',
  keys: KEYS,
  place: HOST_PORT,
  // What the packet has room for, less the NUL behind it.
  limits: { host: 63, service: 127 },
  read: readNsca,
  open: openNsca,
  describe: ({ method, outputSize }) =>
    `NSCA, ${methodOf(method).name}${outputSize === 512 ? ', 720-byte packets' : ''}`,
};
