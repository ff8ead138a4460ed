import type { AgentInstance } from '#contract/agent/instances.ts';
import type { Samples } from '#contract/agent/monitoring.ts';
import type { HostFacts } from '#contract/agent/servers.ts';
import { isFarmError } from '#contract/errors.ts';
import type { AgentLink } from '../../ports/agent-link.ts';
import type { Log } from '../../ports/request.ts';

/** What a session tells of its agent while the link is up. */
export type SessionEvents = {
  readonly onFacts: (facts: HostFacts) => Promise<void>;
  /** `isWhole`: these are all that the agent has. */
  readonly onInstances: (instances: readonly AgentInstance[], removed: readonly string[], isWhole: boolean) => void;
  readonly newestSampleMs: () => Promise<number | undefined>;
  readonly onSamples: (samples: Samples) => Promise<void>;
};

const pageLimit = 2000;
const dayMs = 86_400_000;

/** First what the agent kept while we were away, page by page, then what it measures from now on. */
async function followSamples(link: AgentLink, events: SessionEvents, signal: AbortSignal, nowMs: number): Promise<void> {
  let since = (await events.newestSampleMs()) ?? nowMs - dayMs;
  while (!signal.aborted) {
    const page = await link.client.monitoring.since({ sinceMs: since, limit: pageLimit }, { signal });
    await events.onSamples(page);
    const last = page.host.at(-1);
    if (last !== undefined) since = last.atMs;
    if (page.isComplete || last === undefined) break;
  }
  for await (const samples of await link.client.monitoring.watch(undefined, { signal })) await events.onSamples(samples);
}

async function followInstances(link: AgentLink, events: SessionEvents, signal: AbortSignal): Promise<void> {
  let isWhole = true;
  for await (const event of await link.client.instances.watch(undefined, { signal })) {
    events.onInstances(event.instances, event.removed, isWhole);
    isWhole = false;
  }
}

/**
 * Follows one agent while its link is up: facts, instances, samples. A stream that breaks while the link stays is taken up again by the caller's
 * next session; a broken link ends the session quietly, because the link itself says why.
 */
export async function runSession(link: AgentLink, events: SessionEvents, signal: AbortSignal, log: Log, nowMs: number): Promise<void> {
  try {
    await events.onFacts(await link.client.servers.facts(undefined, { signal }));
    await Promise.all([followInstances(link, events, signal), followSamples(link, events, signal, nowMs)]);
  } catch (error) {
    if (signal.aborted || isFarmError(error, 'SERVER_UNREACHABLE')) return;
    log.warn('agent-session', { error: error instanceof Error ? error.message : String(error) });
  }
}
