import { HOST_PORT } from '../address.ts';
import { IN_NAGIOS, type MonitorKind } from '../kind.ts';
import { draftNscaNg, KEYS, readNscaNg, type NscaNgSettings } from './config.ts';
import { openNscaNg } from './nsca-ng.ts';
import { nscaNgProtocol } from './protocol.ts';

export const nscaNg: MonitorKind<NscaNgSettings> = {
  key: 'nsca-ng',
  keys: KEYS,
  place: HOST_PORT,
  read: readNscaNg,
  protocol: () => nscaNgProtocol,
  open: openNscaNg,
  describe: ({ identity }) => `NSCA-ng as ${identity}`,
  seenIn: IN_NAGIOS,
  draft: draftNscaNg,
  address: { form: HOST_PORT, example: 'monitor', complete: (typed) => `nsca-ng://${typed}` },
};
