/**
 * A monitor that takes results by Icinga's API: one server, or the endpoints of one zone, any of
 * which takes a result for all of them.
 */
import { documentPath } from '../../host/documents.ts';
import { MonitorError } from '../error.ts';
import { failover } from '../failover.ts';
import type { Place } from '../http/config.ts';
import type { Finding, Monitor, Service } from '../monitor.ts';
import { objectName } from './answer.ts';
import type { Icinga2Settings } from './config.ts';
import type { Endpoint } from './endpoint.ts';

/** Returns the monitor for this configuration; connects only when a session is opened. */
export function openIcinga2(settings: Icinga2Settings): Monitor {
  const endpoints = settings.places.map((place) => endpointMonitor(settings, place));
  const [only] = endpoints;
  if (only !== undefined && endpoints.length === 1) return { ...only, name: settings.name };
  return {
    ...failover(endpoints, 'healthy'),
    name: settings.name,
    probe: (services, signal) => probeEach(endpoints, services, signal),
  };
}

function endpointMonitor(settings: Icinga2Settings, place: Place): Monitor {
  let loaded: Endpoint | null = null;
  const load = async () => {
    if (loaded === null) {
      const { Endpoint: Loaded } = await import('./endpoint.ts');
      loaded = new Loaded(settings, place);
    }
    return loaded;
  };
  return {
    name: place.url.origin,
    open: async (signal) => (await load()).open(signal),
    probe: async (services, signal) => {
      const endpoint = await load();
      try {
        return await ask(endpoint, services, signal);
      } finally {
        endpoint.close();
      }
    },
  };
}

/** Probes each endpoint: any of them may have to stand in, so one that is down is a finding. */
async function probeEach(
  endpoints: readonly Monitor[],
  services: readonly Service[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const found = endpoints.map(async (endpoint): Promise<readonly Finding[]> => {
    try {
      return await endpoint.probe(services, signal);
    } catch (error) {
      if (!(error instanceof MonitorError)) throw error;
      return [{ kind: 'problem', text: error.message }];
    }
  });
  return (await Promise.all(found)).flat();
}

async function ask(
  endpoint: Endpoint,
  services: readonly Service[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { version } = await endpoint.enter(signal);
  const found: Finding[] = [{ kind: 'ok', text: `${endpoint.where} (${version}) takes results` }];
  for (const service of services) {
    const name = objectName(service);
    const known = await endpoint.knows(service, signal);
    if (known === 'unknown') {
      const text = `Icinga does not know ${name} (or the user may not see it): add it there, as in ${documentPath('Icinga objects')}`;
      found.push({ kind: 'problem', text });
    }
    if (known === 'active') {
      const text = `Icinga takes no passive results for ${name}: set enable_passive_checks = true`;
      found.push({ kind: 'problem', text });
    }
  }
  return found;
}
