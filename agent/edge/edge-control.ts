import type { HostOs } from '../os/host-os.ts';
import type { AgentClock, AgentLog, EdgeControl } from '../ports.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

export type EdgeControlOptions = {
  readonly os: HostOs;
  readonly clock: AgentClock;
  readonly log: AgentLog;
  /** Where the edge keeps its files: `<home>/edge`. */
  readonly folder: string;
  /** The Node program that runs the edge. */
  readonly runtime: string;
  /** The edge that comes with this agent. */
  readonly bundlePath: string;
  /** Port 0 takes a free one, and the same one again after a restart. */
  readonly https: ListenAddress;
  readonly http: ListenAddress;
  readonly agentKey: string;
  readonly version: string;
};

/** The agent's hold on the edge. `close` lets go of it: the edge lives on. */
export function createEdgeControl(options: EdgeControlOptions): EdgeControl & { readonly close: () => void } {
  throw new Error(`under way for ${options.folder}`);
}
