import { type AgentApiHalf, type AgentHalf, agentCommandHalves } from '#contract/agent/halves.ts';
import type { ContractRouterClient } from '@orpc/contract';
import type { AgentReads, LinkOpener } from '../../ports/agent-link.ts';
import type { AgentClient, AgentLinks, AgentWrites, AgentWritesOf } from '../../ports/agent-writes.ts';

/** The commands of one half, and no others: whoever holds it cannot reach the rest. */
function halfOf<Half extends AgentHalf>(client: AgentClient, half: Half): ContractRouterClient<AgentApiHalf<Half>> {
  const commandsOf = (area: string, commands: Readonly<Record<string, string>>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(commands)
        .filter(([, kind]) => kind === half)
        .map(([command]) => [command, Reflect.get(Object(Reflect.get(client, area)), command)]),
    );
  const areas = Object.entries(agentCommandHalves).map(([area, commands]) => [area, commandsOf(area, commands)] as const);
  // The table has exactly the commands of the contract; an area without any of this half is left out, as in the type.
  return Object.fromEntries(areas.filter(([, commands]) => Object.keys(commands).length > 0)) as ContractRouterClient<AgentApiHalf<Half>>;
}

/**
 * Links over which is only looked, and the way from what looks to what writes over the same link. Whoever is given `reading` alone can change nothing:
 * the writing commands are not there.
 */
export function splitLinks(links: Pick<AgentLinks, 'open'>): { readonly reading: LinkOpener; readonly writesOf: AgentWritesOf } {
  const writes = new WeakMap<AgentReads, AgentWrites>();
  return {
    reading: {
      open: (identity, target) => {
        const link = links.open(identity, target);
        const client = halfOf(link.client, 'read');
        writes.set(client, halfOf(link.client, 'write'));
        return { ...link, client };
      },
    },
    writesOf: (reads) => {
      const found = writes.get(reads);
      if (found === undefined) throw new Error('these commands of an agent are of no link that was opened here');
      return found;
    },
  };
}
