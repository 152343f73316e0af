import { IN_NAGIOS, type MonitorKind } from '../kind.ts';
import { draftNrdp, KEYS, readNrdp, type NrdpSettings } from './config.ts';
import { openNrdp } from './nrdp.ts';
import { nrdpProtocol } from './protocol.ts';

export const nrdp: MonitorKind<NrdpSettings> = {
  key: 'nrdp',
  keys: KEYS,
  place: 'https://HOST/nrdp/',
  read: readNrdp,
  protocol: () => nrdpProtocol,
  open: openNrdp,
  describe: ({ format }) => `NRDP, ${format.toUpperCase()}`,
  seenIn: IN_NAGIOS,
  draft: draftNrdp,
  address: {
    form: 'HOST, or a URL such as https://HOST/nrdp/',
    example: 'monitor',
    complete: (typed) => `https://${typed}/nrdp/`,
  },
};
