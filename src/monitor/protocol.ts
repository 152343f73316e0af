import type { MonitorConfig } from '../config/config.ts';
import { methodOf } from './nsca/cipher.ts';

/** How a monitor is spoken to, for people: `NSCA, xor` or `NSCA-ng as firestorm`. */
export function protocolOf(config: MonitorConfig): string {
  if (config.kind === 'nsca-ng') return `NSCA-ng as ${config.identity}`;
  const packets = config.outputSize === 512 ? ', 720-byte packets' : '';
  return `NSCA, ${methodOf(config.method).name}${packets}`;
}
