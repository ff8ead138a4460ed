import { implement } from '@orpc/server';
import { agentApi } from '#contract/agent/index.ts';
import type { HostFacts } from '#contract/agent/servers.ts';

export function createServerCommands(facts: () => Promise<HostFacts>) {
  const area = implement(agentApi.servers);
  return area.router({ facts: area.facts.handler(() => facts()) });
}
