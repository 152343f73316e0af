/** What a running agent reports about itself. */
import type { DeliveryState } from '../delivery/delivery.ts';
import type { PipelineState } from '../pipeline/pipeline.ts';
import type { MonitorRow } from '../queue/result.ts';
import type { StreamState } from '../source/source.ts';
import type { Reading } from './reload.ts';

/** The process of the agent: a reload starts no new one. */
export interface ProcessState {
  readonly pid: number;
  /** When it started, ms since 1970. */
  readonly since: number;
}

/** What the agent is doing, as `status` shows it. */
export interface AgentState extends ProcessState, PipelineState {
  readonly streams: readonly StreamState[];
  readonly monitors: readonly DeliveringTo[];
}

/**
 * What a process answers on its socket. Only the process is known while it can start with neither
 * the old nor the new configuration.
 */
export interface Answered extends ProcessState, Partial<Omit<AgentState, keyof ProcessState>> {
  readonly configuration: Reading;
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
