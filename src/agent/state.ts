/** What a running agent says of itself. */
import type { DeliveryState } from '../delivery/delivery.ts';
import type { PipelineState } from '../pipeline/pipeline.ts';
import type { MonitorRow } from '../queue/result.ts';
import type { StreamState } from '../source/source.ts';

/** What the agent is doing, as `status` shows it. */
export interface AgentState extends PipelineState {
  readonly pid: number;
  /** When it started, ms since 1970. */
  readonly since: number;
  readonly streams: readonly StreamState[];
  readonly monitors: readonly DeliveringTo[];
}

/** A monitor and its delivery. */
export interface DeliveringTo extends DeliveryState {
  readonly name: string;
  /** `NSCA, xor`; null where one delivery stands for several monitors. */
  readonly protocol: string | null;
}

/** What the agent and its queue have counted, and how they are, at a moment. */
export interface Snapshot {
  /** When that was, ms since 1970. */
  readonly at: number;
  readonly agent: AgentState;
  readonly queue: readonly MonitorRow[];
  readonly totals: Readonly<Record<string, number>>;
}
