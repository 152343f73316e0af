/** The verb `run`: the agent in the foreground, with signals and changes of its configuration. */
import type { Logger } from 'pino';
import { startAgent, type Agent } from '../agent/agent.ts';
import type { Config } from '../agent/config.ts';
import { ConfigError } from '../config/error.ts';
import { configPath } from '../config/place.ts';
import { loadConfig } from '../agent/config.ts';
import { openLog } from '../host/log.ts';
import { keepMemorySmall, keepNewSpaceSmall } from '../host/memory.ts';
import { versionOf } from '../agent/reload.ts';
import { GRACE, supervise } from '../agent/supervise.ts';
import { dryRunMonitor } from '../monitor/dry-run.ts';
import { describeSource } from '../source/kinds.ts';
import { readArguments, UsageError } from './arguments.ts';

export const help = `usage: denywatch run [--config PATH] [--dry-run [--json]] [--once] [--log-json] [--verbose]

Runs the agent in the foreground: it follows the logs and reports what was refused.

  --config PATH  the configuration (default /etc/denywatch/denywatch.yaml)
  --dry-run      send nothing, and print each result to stdout instead; uses no network,
                 no queue and no saved position
  --once         read the logs to their current end, deliver the results, and exit; a
                 log that was never read before is read from its start
  --json         with --dry-run: print results as JSON Lines
  --log-json     write the log to stderr as JSON Lines
  --verbose      log more

The agent loads its configuration again on SIGHUP, and when the file changes. SIGTERM and SIGINT
end it; what it has read is stored by then. A second signal ends it at once.
`;

export const OPTIONS = {
  config: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'log-json': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

export async function main(args: string[]): Promise<number> {
  const { values: options } = readArguments(args, OPTIONS);
  if (options.json && !options['dry-run'])
    throw new UsageError('--json is for --dry-run; the log is JSON with --log-json');
  // In a flood this takes 50 MB more, and two thirds of the time: fine for a process that ends soon.
  if (options.once) keepNewSpaceSmall();
  else keepMemorySmall();
  const log = openLog({ level: options.verbose ? 'debug' : 'info', json: options['log-json'] });
  const dryRun = options['dry-run'] ? dryRunMonitor(options.json) : undefined;
  const path = configPath(options.config);
  const service = {
    log,
    path,
    control: dryRun === undefined,
    load: () => load(path, log, dryRun !== undefined),
    start: (config: Config, onChange?: () => void) =>
      startAgent(config, { log, once: options.once, dryRun, ...(onChange && { onChange }) }),
  };
  const version = versionOf(path);
  const config = service.load();
  log.info({ config: path }, greeting(config, dryRun !== undefined));
  if (!options.once) return supervise(service, { config, version });
  const status = await once(service.start(config), log);
  if (dryRun?.shown() === 0) log.info('nothing would be sent');
  return status;
}

/** Reads the configuration, logs warnings about it, and requires what `run` cannot do without. */
function load(path: string, log: Logger, dryRun: boolean): Config {
  const { config, warnings } = loadConfig(path);
  for (const warning of warnings) log.warn(warning);
  if (config.monitors.length === 0 && !dryRun) {
    const message = "no 'monitors': name one, such as - nsca: monitor:5667, or try --dry-run first";
    throw new ConfigError(path, [{ key: '', line: null, message }]);
  }
  return config;
}

function greeting(config: Config, dryRun: boolean): string {
  const sources = config.sources.map(describeSource);
  const target = dryRun
    ? 'showing what would be sent'
    : `reporting to ${config.monitors.map(({ name }) => name).join(', ')}`;
  return `reading ${sources.join(', ')}, ${target} as ${config.host};${config.service}`;
}

async function once(agent: Agent, log: Logger): Promise<number> {
  const delivered = await agent.done();
  await agent.stop(GRACE);
  if (!delivered)
    log.error(
      'not everything could be delivered: the rest waits in the queue for the next run; denywatch status says why',
    );
  return delivered ? 0 : 1;
}
