/** Whether the stages of the agent make progress, for systemd's watchdog. */
import type { Delivery } from '../delivery/delivery.ts';
import { stuckWhen, type IsStuck } from '../host/watchdog.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Source, StreamState } from '../source/source.ts';

/**
 * Each stage by its name: a source that is behind hands over blocks; a session with a monitor gets
 * verdicts or ends.
 * @param deliveries by the name of their monitor
 */
export function stagesOf(
  sources: readonly Source[],
  pipeline: Pipeline,
  deliveries: ReadonlyMap<string, Delivery>,
): Readonly<Record<string, IsStuck>> {
  const behind = () => sources.some((source) => source.streams().some(isBehind));
  const stages = { 'reading the logs': stuckWhen(behind, () => pipeline.state().handled) };
  const ofDeliveries = [...deliveries].map(([name, delivery]) => {
    const isStuck = stuckWhen(
      () => delivery.state().connected,
      () => delivery.progress,
    );
    return [`delivery to ${name}`, isStuck] as const;
  });
  return { ...stages, ...Object.fromEntries(ofDeliveries) };
}

function isBehind({ behind, problem }: StreamState): boolean {
  return problem === null && behind !== null && behind > 0;
}
