import { IN_NAGIOS, type MonitorKind } from '../kind.ts';
import { draftNagios, KEYS, PATH, readNagios, type NagiosSettings } from './config.ts';
import { openNagios } from './nagios.ts';
import { wayTo } from './place.ts';
import { nagiosProtocol } from './protocol.ts';

export const nagios: MonitorKind<NagiosSettings> = {
  key: 'nagios',
  keys: KEYS,
  place: PATH,
  read: readNagios,
  protocol: nagiosProtocol,
  open: openNagios,
  describe: ({ path }) =>
    wayTo(path) === 'pipe' ? "Nagios' command pipe" : "Nagios' spool directory",
  seenIn: IN_NAGIOS,
  draft: draftNagios,
  address: {
    form: PATH,
    example: '/var/lib/nagios4/spool/checkresults',
    complete: (typed) => typed,
  },
};
