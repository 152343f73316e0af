import type { MonitorKind } from '../kind.ts';
import { draftIcinga2, KEYS, readIcinga2, type Icinga2Settings } from './config.ts';
import { openIcinga2 } from './icinga2.ts';
import { icinga2Protocol } from './protocol.ts';

export const icinga2: MonitorKind<Icinga2Settings> = {
  key: 'icinga2',
  keys: KEYS,
  place: 'https://HOST:5665, or a list of the endpoints of one zone',
  read: readIcinga2,
  protocol: () => icinga2Protocol,
  open: openIcinga2,
  describe: ({ user }) => `Icinga 2 as ${user ?? 'our certificate says'}`,
  seenIn: 'Icinga Web under Services',
  draft: draftIcinga2,
  address: {
    form: 'HOST, or a URL such as https://HOST:5665',
    example: 'monitor',
    complete: (typed) => `icinga2://${typed}`,
  },
};
