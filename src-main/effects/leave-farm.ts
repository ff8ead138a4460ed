import type { FarmId } from '#contract/ids.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { Agents } from '../ports/agents.ts';

/**
 * Tells a server's agent, over the link that is kept to it, that its farm goes as a whole: it ends every instance, its edge and its identity. Waits at most
 * `timeoutMs` for the link. May be called again while the link stands; throws what `Agents.client` and the agent throw. A single server leaves by its job.
 */
export function createLeaveFarm(deps: {
  readonly agents: Pick<Agents, 'client'>;
  readonly agentWritesOf: AgentWritesOf;
}): (serverId: string, farmId: FarmId, timeoutMs: number) => Promise<void> {
  return async (serverId, farmId, timeoutMs) => {
    await deps.agentWritesOf(await deps.agents.client(serverId, timeoutMs)).link.leave({ farmId });
  };
}
