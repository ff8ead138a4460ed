import type { InstanceMetricOn, MetricSystem, ServerMetricOn } from '#contract/catalogue/metrics.ts';
import type { HostIdentities, HostUser } from './identity.ts';
import type { HostLimits, StartLimits } from './limits.ts';
import type { HostListeners } from './listener.ts';

/**
 * What the agent needs of an operating system. Nothing outside `agent/os` knows signals, users, sockets or process tables.
 * One implementation per system; `choose-os.ts` picks it.
 */

/** A process that cannot be mistaken for a later one with the same number: `startMark` changes with every start and every boot. */
export type ProcessIdentity = { readonly processId: number; readonly startMark: string };

export type SpawnRequest = {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Added to the small environment that the system needs; nothing of the agent's own environment is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly user: HostUser | undefined;
  /** Files that take what it prints; appended to, so that they may be shortened while it runs. */
  readonly outPath: string;
  readonly errorPath: string;
  /** What it takes on before its first instruction; absent: nothing. */
  readonly limits?: StartLimits | undefined;
  /** `<agent>:<instance>`; the process and its children can be found again by it where the system allows. */
  readonly marker: string;
};

export type Spawned = {
  readonly identity: ProcessIdentity;
  /** Resolves when it ends, as long as this agent lives: its exit code, or the name of what ended it. */
  readonly exited: Promise<{ readonly exitCode: string }>;
};

export type ProcessUsage = { readonly cpuMs: number; readonly memoryBytes: number };

/**
 * One look at one metric of the host: the value of a gauge, the counter of a rate, which only rises, in the row's unit (for a rate: unit times seconds).
 * `folder` says which disk is meant. Throws when it cannot be told now; may be called as often as wanted. Each stands alone: one that fails or
 * hangs says nothing of the others.
 */
export type ServerCollector = (folder: string) => number | Promise<number>;
/** The same of an instance, taken from one look at its processes. */
export type InstanceCollector = (usage: ProcessUsage) => number;
/** One for every metric that the catalogue does not call absent on this system: a forgotten one does not compile. */
export type ServerCollectors<System extends MetricSystem> = { readonly [M in ServerMetricOn<System>]: ServerCollector };
/** Metrics of an instance that the agent asks of it, on every system alike; all others are the system's to tell. */
export type AskedMetric = Extract<InstanceMetricOn<MetricSystem>, 'answer' | 'health'>;
export type InstanceCollectors<System extends MetricSystem> = {
  readonly [M in Exclude<InstanceMetricOn<System>, AskedMetric>]: InstanceCollector;
};

export type OsFacts = {
  readonly hostName: string;
  readonly os: 'linux' | 'windows';
  readonly osName: string;
  readonly osVersion: string;
  readonly arch: 'x64' | 'arm64';
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly bootedAtMs: number;
};

export interface HostOs extends HostIdentities, HostLimits, HostListeners {
  /** `folder` says which disk is meant. */
  readonly facts: (folder: string) => Promise<OsFacts>;
  /**
   * Starts a process that outlives the agent: a session of its own, output straight into files, no window.
   * Throws `NOT_PERMITTED_BY_OS` when the system refuses.
   */
  readonly spawnDetached: (request: SpawnRequest) => Promise<Spawned>;
  /** The identity of a process now; undefined when there is none, or only the remains of one. */
  readonly identify: (processId: number) => ProcessIdentity | undefined;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  /** Asks the process to end. Gone is fine. */
  readonly terminate: (identity: ProcessIdentity) => void;
  /** Ends the process and everything it started, at once; resolves when they are gone, at most after 5 s. Gone is fine. */
  readonly killTree: (identity: ProcessIdentity) => Promise<void>;
  /** Ends this one process at once; what it started goes on. Resolves when it is gone, at most after 5 s. Gone is fine. */
  readonly killAlone: (identity: ProcessIdentity) => Promise<void>;
  /** Processes that carry a marker of this agent, by instance. Empty where the system does not tell. */
  readonly findMarked: (agentKey: string) => ReadonlyMap<string, readonly ProcessIdentity[]>;
  /**
   * Processes of the agent's own user that stand in a folder or hold a file below it open, without a terminal: a person's shell there is not one of
   * them, nor is the agent. Empty where the system does not tell.
   */
  readonly holdersOf: (folder: string) => readonly ProcessIdentity[];
  /** CPU and memory of a process and everything it started; undefined when it is gone or the system does not tell. */
  readonly usage: (identity: ProcessIdentity) => ProcessUsage | undefined;
  /** How many processes there are of each session, by the process that began it. Empty where the system does not tell. */
  readonly sessionSizes: () => ReadonlyMap<number, number>;
  /** Bytes that a process has read and written in all, files and sockets; undefined where the system does not tell. */
  readonly transfer: (identity: ProcessIdentity) => { readonly inBytes: number; readonly outBytes: number } | undefined;
  /** By metric; one that is not there is not told by this system. */
  readonly serverMetrics: Readonly<Record<string, ServerCollector>>;
  readonly instanceMetrics: Readonly<Record<string, InstanceCollector>>;
  /** The path of a local pipe for this home: short enough for the system, and closed to others. */
  readonly pipePath: (home: string, name: string) => string;
}

/** True for errors that mean "there is no room on the disk", a quota included. */
export function isNoRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
