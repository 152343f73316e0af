/** The checked configuration with every default filled in; all durations in milliseconds. */
import type { State } from '../queue/result.ts';

export interface FileSourceConfig {
  readonly kind: 'file';
  /** Absolute path of a log, or a glob whose last part has `*` or `?`. */
  readonly path: string;
  /** Where a first start begins; null where the administrator did not say. */
  readonly from: 'start' | 'end' | null;
  /** Longest line kept whole, in bytes; of a longer one the beginning is kept. */
  readonly maxLine: number;
  /** How long a rotated file is still read for late writers. */
  readonly keepRotated: number;
}

export interface JournalSourceConfig {
  readonly kind: 'journal';
  readonly from: 'start' | 'end' | null;
  /** Narrow the journal to these syslog identifiers or systemd units; empty: all. */
  readonly identifiers: readonly string[];
  readonly units: readonly string[];
}

export interface NscaMonitorConfig {
  readonly kind: 'nsca';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Number of the encryption method in nsca.cfg. */
  readonly method: number;
  /** The password's bytes: never log, never show. */
  readonly password: Buffer;
  /** Longest output that the daemon takes: 4096, or 512 for the old form. */
  readonly outputSize: 4096 | 512;
  /** How long a connection may take, and how long to wait for an answer. */
  readonly timeout: number;
  /** The address to connect from; null: the system's choice. */
  readonly sourceAddress: string | null;
}

export interface NscaNgMonitorConfig {
  readonly kind: 'nsca-ng';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Who we are to the server: the name of an `authorize` section in its configuration. */
  readonly identity: string;
  readonly password: Buffer;
  readonly timeout: number;
  readonly sourceAddress: string | null;
}

export type MonitorConfig = NscaMonitorConfig | NscaNgMonitorConfig;

export interface FoldConfig {
  /** 0 turns folding of repeats off. */
  readonly window: number;
  readonly maxWindow: number;
  /** Bound on open windows. */
  readonly keys: number;
  /** `network`: so many clients of one network refused by one daemon are a scan too; null: off. */
  readonly scan: {
    readonly daemons: number;
    readonly window: number;
    readonly network: number | null;
  } | null;
  readonly storm: { readonly alerts: number; readonly every: number } | null;
}

/** A time of day, in hours: `from` 22 `to` 6 is the night. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** A rule for the denials that match each of its lists; an empty list matches all. */
export interface RuleConfig {
  readonly if: {
    readonly daemon: readonly string[];
    /** Addresses, networks such as `10.0.0.0/8`, and names. */
    readonly client: readonly string[];
    readonly user: readonly string[];
    /** The logging host. */
    readonly host: readonly string[];
    readonly hour: readonly Hours[];
  };
  /** Counted, but not told. */
  readonly ignore: boolean;
  /** Instead of what the configuration says for all; null: that. */
  readonly state: State | null;
  readonly service: string | null;
  readonly host: string | null;
  readonly output: string | null;
}

export interface HostsConfig {
  /** Logging hosts that may speak for themselves, `*` for any characters; null: all. */
  readonly allow: readonly string[] | null;
  /** host_name of a logging host. */
  readonly map: ReadonlyMap<string, string>;
  /** Under which name all others are told. */
  readonly other: string;
}

export interface HeartbeatConfig {
  readonly service: string;
  readonly every: number;
  /** So many results waiting are worth a warning. */
  readonly warn: number;
  /** After so long without an alert the volatile service is told to be OK again; null: never. */
  readonly okAfter: number | null;
}

export interface MetricsConfig {
  /** Absolute path of a file for node_exporter's textfile collector; null: none. */
  readonly file: string | null;
  /** Where they can be asked for: on loopback, or on a socket's absolute path; null: nowhere. */
  readonly listen:
    | { readonly host: string; readonly port: number }
    | { readonly path: string }
    | null;
}

export interface Config {
  /** host_name in the monitor; `{host}` stands for the logging host. */
  readonly host: string;
  readonly hosts: HostsConfig;
  /** A second service that tells how the agent is; null: none. */
  readonly heartbeat: HeartbeatConfig | null;
  readonly metrics: MetricsConfig;
  readonly service: string;
  readonly state: State;
  /** Template of a result's output: {daemon} {client} {address} {user} {host} {pid} {program}. */
  readonly output: string;
  readonly sources: readonly (FileSourceConfig | JournalSourceConfig)[];
  readonly monitors: readonly MonitorConfig[];
  /** Whether each result goes to all monitors, or to the first that takes it. */
  readonly deliver: 'all' | 'first';
  /** The first one that matches counts. */
  readonly rules: readonly RuleConfig[];
  readonly fold: FoldConfig;
  readonly pace: { readonly results: number; readonly every: number };
  readonly queue: {
    readonly path: string;
    /** Oldest result kept. */
    readonly keep: number;
    /** Most results kept, and most bytes of the queue file. */
    readonly results: number;
    readonly size: number;
    /** Which alerts are delivered first after an outage. */
    readonly order: 'oldest' | 'newest';
    /** What waited longer than this is told in one digest; null: each by itself. */
    readonly digestAfter: number | null;
  };
  /** What `report` tells of. */
  readonly history: {
    readonly keep: number;
    /** Most clients that an hour tells apart. */
    readonly clients: number;
  };
}
