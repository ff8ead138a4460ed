import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Measurements } from '#contract/agent/monitoring.ts';
import type { HostFacts, ServerSigns } from '#contract/agent/servers.ts';
import type { AgentLink } from './agent-link.ts';

export const followParts = ['facts', 'instances', 'signs', 'samples'] as const;
export type FollowPart = (typeof followParts)[number];

/** What is told of an agent while its link is up. What a listener throws is the failure of that part, and of no other. */
export type FollowEvents = {
  readonly onFacts: (facts: HostFacts) => Promise<void>;
  /** The whole list first (`isWhole`), then what changed. */
  readonly onInstances: (instances: readonly AgentInstance[], removed: readonly string[], isWhole: boolean) => void;
  /** What the agent watches of its server; empty for an agent of the first days, which watches nothing. */
  readonly onSigns: (signs: ServerSigns) => void;
  readonly newestSampleMs: () => Promise<number | undefined>;
  /** By the metrics' names; from agents of before too. */
  readonly onMeasured: (measurements: Measurements) => Promise<void>;
  /** A part is followed, or is not any more and is tried again. Called when that changes. */
  readonly onPart: (part: FollowPart, isFollowed: boolean) => void;
};

/**
 * Follows one agent until the signal is given (its link broke, or the server left): facts, instances, signs and samples each on their own, so that one that
 * fails blinds the farm to none of the others; one that broke is taken up again. Never throws.
 */
export type FollowServer = (link: AgentLink, signal: AbortSignal, events: FollowEvents) => Promise<void>;
