import { HOST_PORT } from '../address.ts';
import { IN_NAGIOS, type MonitorKind } from '../kind.ts';
import { methodOf } from './cipher.ts';
import { draftNsca, KEYS, readNsca, type NscaSettings } from './config.ts';
import { openNsca } from './nsca.ts';
import { nscaProtocol } from './protocol.ts';

export const nsca: MonitorKind<NscaSettings> = {
  key: 'nsca',
  keys: KEYS,
  place: HOST_PORT,
  read: readNsca,
  protocol: nscaProtocol,
  open: openNsca,
  describe: ({ method, outputSize }) =>
    `NSCA, ${methodOf(method).name}${outputSize === 512 ? ', 720-byte packets' : ''}`,
  seenIn: IN_NAGIOS,
  draft: draftNsca,
  address: { form: HOST_PORT, example: 'monitor', complete: (typed) => `nsca://${typed}` },
};
