/** What the configuration of a stream's source says about the times and hosts in its lines. */
import { namePattern } from '../result/name-pattern.ts';
import { relaysOf, zoneNameOf, type SourceConfig } from '../source/kinds.ts';
import { Zone } from '../text/zone.ts';
import type { PipelineOptions } from './pipeline.ts';

/** Answers for every stream of these sources. */
export function attributionOf(
  sources: readonly SourceConfig[],
): Required<Pick<PipelineOptions, 'zoneOf' | 'isRelayOf'>> {
  const zones = new Map<string, Zone>();
  return {
    zoneOf: (stream) => {
      const name = zoneNameOf(sources, stream);
      if (name === undefined) return Zone.local;
      const zone = zones.get(name) ?? Zone.named(name) ?? Zone.local;
      zones.set(name, zone);
      return zone;
    },
    isRelayOf: (stream) => {
      const patterns = relaysOf(sources, stream).map(namePattern);
      return (host) => patterns.some((matches) => matches(host));
    },
  };
}
