/** What a running agent reports about itself. */
import type { DeliveryState } from '../delivery/delivery.ts';
import type { PipelineState } from '../pipeline/pipeline.ts';
import type { MonitorRow } from '../queue/result.ts';
import type { StreamState } from '../source/source.ts';

/** What the agent is doing, as `status` shows it. */
export interface AgentState extends PipelineState {
  readonly pid: number;
  /** When its process started, ms since 1970: a reload starts no new one. */
  readonly since: number;
  readonly streams: readonly StreamState[];
  readonly monitors: readonly DeliveringTo[];
}

/** A monitor and its delivery. */
export interface DeliveringTo extends DeliveryState {
  readonly name: string;
  /** `NSCA, xor`; null if one delivery stands for several monitors. */
  readonly protocol: string | null;
}

/** Counters and state of the agent and its queue at one moment. */
export interface Snapshot {
  /** That moment, ms since 1970. */
  readonly at: number;
  readonly agent: AgentState;
  readonly queue: readonly MonitorRow[];
  readonly totals: Readonly<Record<string, number>>;
}
