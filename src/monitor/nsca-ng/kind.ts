import { HOST_PORT } from '../address.ts';
import type { MonitorKind } from '../kind.ts';
import { KEYS, readNscaNg, type NscaNgSettings } from './config.ts';
import { openNscaNg } from './nsca-ng.ts';

export const nscaNg: MonitorKind<NscaNgSettings> = {
  key: 'nsca-ng',
  keys: KEYS,
  place: HOST_PORT,
  limits: { host: 63, service: 127 },
  read: readNscaNg,
  open: openNscaNg,
  describe: ({ identity }) => `NSCA-ng as ${identity}`,
};
