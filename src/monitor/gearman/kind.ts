import { HOST_PORT } from '../address.ts';
import type { MonitorKind } from '../kind.ts';
import { draftGearman, KEYS, readGearman, type GearmanSettings } from './config.ts';
import { openGearman } from './gearman.ts';
import { gearmanProtocol } from './protocol.ts';

export const gearman: MonitorKind<GearmanSettings> = {
  key: 'gearman',
  keys: KEYS,
  place: `${HOST_PORT}, or a list of them`,
  read: readGearman,
  protocol: () => gearmanProtocol,
  open: openGearman,
  describe: ({ key }) => `Mod-Gearman, ${key === null ? 'not encrypted' : 'encrypted'}`,
  seenIn: 'Thruk under Services, or in naemon.log as PASSIVE SERVICE CHECK',
  draft: draftGearman,
  address: { form: HOST_PORT, example: 'monitor', complete: (typed) => `gearman://${typed}` },
};
