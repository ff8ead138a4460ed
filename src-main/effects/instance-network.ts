import type { AgentInstance, NetworkAccess } from '#contract/agent/instances.ts';
import { lookAt, type OnServer, orIfAbsent, siteOn } from '../checks/site.ts';
import { agreedPart, isAgreed } from '../model/packages/network-asks.ts';
import type { AgentWritesOf } from '../ports/agent-writes.ts';
import type { Agents } from '../ports/agents.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';

/** `agreed`: what owners agree now that instances of the package reach. */
export type NetworkWanted = { readonly agreed: NetworkAccess };
/** `asked`: what it was made with; `allowed`: what its agent lets it reach of that. Of agents of earlier days nothing is known, and nothing can be asked. */
export type NetworkFacts = { readonly asked: NetworkAccess; readonly allowed: NetworkAccess };

export const networkFactsOf = ({ network }: AgentInstance): NetworkFacts | 'absent' => network ?? 'absent';

/** What an instance that is there may reach on its server beside itself: never more than it was made with, and no more than is agreed now. */
export function createInstanceNetworkEffect(deps: {
  readonly store: Store;
  readonly agents: Agents;
  readonly agentWritesOf: AgentWritesOf;
}): Effect<OnServer, NetworkWanted, NetworkFacts> {
  const allow = async (at: OnServer, network: NetworkAccess): Promise<NetworkFacts> => {
    const { instances } = deps.agentWritesOf(await deps.agents.client(at.serverId));
    const told = await instances.allow({ instanceId: at.instanceId, network });
    deps.agents.saw(at.serverId, told);
    return told.network ?? { asked: network, allowed: network };
  };
  return {
    kind: 'network',
    timeoutMs: 15_000,
    waiting: () => ({ code: 'check', parameters: {} }),
    server: ({ serverId }) => serverId,
    observe: async (at) => {
      if ((await siteOn(deps, at)) === undefined) return 'place-gone';
      const client = await lookAt(deps, at.serverId);
      const instance = await orIfAbsent(client.instances.describe({ instanceId: at.instanceId }));
      return instance === undefined ? 'absent' : networkFactsOf(instance);
    },
    describe: (seen, wanted, { name }) => {
      if (typeof seen !== 'object') return undefined;
      const part = agreedPart(seen.asked, wanted === 'absent' ? undefined : wanted.agreed);
      const isSo = isAgreed(part, seen.allowed) && isAgreed(seen.allowed, part);
      return isSo ? undefined : { code: 'network', parameters: { name } };
    },
    ensure: (at, { agreed }) => allow(at, agreed),
    remove: async (at, seen) => {
      if (typeof seen === 'object') await allow(at, { loopbackPorts: [], metadata: false });
      return 'gone';
    },
    restore: ({ allowed }) => ({ agreed: allowed }),
  };
}
