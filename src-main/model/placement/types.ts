import type { PlacementOption } from '#contract/api/placement-reason.ts';
import type { MeasuredResources } from '#contract/api/base.ts';
import type { ServerId } from '#contract/ids.ts';
import type { DarkEdge } from '../servers/edge-reach.ts';

/** An amount of each resource that placement weighs. A thousand millicores are one processor core. */
export type Amounts = {
  readonly memoryBytes: number;
  readonly cpuMillicores: number;
  readonly diskBytes: number;
};

/** An instance that a server has reserved room to. */
export type PlacedInstance = {
  readonly reserved: Amounts;
  readonly placedAtMs: number;
  /** True when the server's measured peak already knows this instance: until then its whole plan is added to the peak. */
  readonly isMeasured: boolean;
};

export type PlacementServer = {
  readonly id: ServerId;
  readonly name: string;
  readonly state: 'ready' | 'joining' | 'leaving' | 'maintenance';
  readonly isDraining: boolean;
  readonly capacity: Amounts;
  /**
   * What is used on the whole server, by everything that runs there; null when nothing was measured yet. A resource that its agent does not measure is
   * absent, and then weighed by what is reserved.
   */
  readonly measured: { readonly now: MeasuredResources; readonly peak: MeasuredResources } | null;
  /** When the agent was last heard; null when it never was. */
  readonly lastSeenMs: number | null;
  /** Why visitors do not reach its edge; undefined while that is not known to be so. */
  readonly darkEdge: Pick<DarkEdge, 'problem' | 'port' | 'address'> | undefined;
  /** The payload is on the server already. */
  readonly hasPackage: boolean;
  /** The package can run on this system and architecture. */
  readonly platformOk: boolean;
  /** Every instance that stands, or is being placed, on the server. */
  readonly instances: readonly PlacedInstance[];
};

/** What the decision depends on beside the servers. All of it comes from the caller: this folder has no clock. */
export type PlacementRules = {
  /** The part of every resource that is never reserved, 0 … 1. */
  readonly headroomFraction: number;
  readonly nowMs: number;
  /** A server that was not heard for longer gets nothing new. */
  readonly unseenLimitMs: number;
};

export type Placement = {
  /** Every server: the chosen one first, then the good ones, then what fits, then the refused. */
  readonly options: readonly PlacementOption[];
  /** Undefined when no server fits. */
  readonly chosen: ServerId | undefined;
};
