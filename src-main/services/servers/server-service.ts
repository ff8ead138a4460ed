import type { ServerView } from '#contract/api/servers.ts';
import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import { readPublicAddresses } from '#contract/public-address.ts';
import { keptWildcard } from '../../model/domains/kept-wildcard.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import { withFacts } from '../../model/servers/public-addresses.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Changes } from '../../ports/changes.ts';
import { type JoinDeps, type JoinRequest, joinServer } from './join-server.ts';

export type ServerService = {
  readonly list: () => Promise<readonly ServerView[]>;
  readonly get: (serverId: string) => Promise<ServerView>;
  readonly row: (serverId: string) => Promise<Server>;
  readonly add: (request: JoinRequest) => Promise<ServerView>;
  readonly update: (
    serverId: string,
    change: {
      readonly name?: string | undefined;
      readonly isDraining?: boolean | undefined;
      readonly publicAddresses?: readonly string[] | undefined;
    },
  ) => Promise<ServerView>;
  /**
   * Takes an empty server out. Throws `SERVER_NOT_EMPTY`, `SERVER_HAS_WILDCARD`, and why its agent cannot be told, unless it is given up; then it answers whether the
   * agent was told all the same. May be called again.
   */
  readonly remove: (serverId: string, isGivenUp: boolean) => Promise<{ readonly isAgentTold: boolean }>;
  readonly check: (serverId: string) => Promise<{ readonly server: ServerView; readonly failure?: Failure }>;
  /** Opens the links of all servers; called once when the farm is opened. */
  readonly start: () => Promise<void>;
};

/** What a person says counts: every address of a server that is not among `texts` is gone. Throws `PUBLIC_ADDRESS_INVALID`. */
function confirmed(texts: readonly string[]): Server['publicAddresses'] {
  const { addresses, problem } = readPublicAddresses(texts);
  if (problem !== undefined) throw new FarmError('PUBLIC_ADDRESS_INVALID', problem);
  return addresses.map((address) => ({ address, state: 'confirmed' as const }));
}

/** A server that was given up gets one more chance to hear that it leaves, but nobody waits long for it. */
const givenUpMs = 2000;

export function createServerService(
  deps: JoinDeps & { readonly changes: Changes; readonly instancesOn: (serverId: string) => number },
): ServerService {
  const row = async (serverId: string): Promise<Server> => {
    const found = await deps.store.servers.get(serverId);
    if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
    return found;
  };
  /** The farm's own wildcard would lead to a stranger. */
  const refuseWildcard = async ({ id, farmId, name }: Server): Promise<void> => {
    const domain = (await deps.store.domains.find({ farmId })).find((one) => keptWildcard(one)?.serverId === id);
    if (domain !== undefined) throw new FarmError('SERVER_HAS_WILDCARD', { server: name, domain: domain.name });
  };
  const tellToLeave = async ({ id, farmId }: Server, isGivenUp: boolean): Promise<boolean> => {
    try {
      const client = await deps.directory.client(id, isGivenUp ? givenUpMs : undefined);
      await client.link.leave({ farmId });
      return true;
    } catch (error) {
      if (!isGivenUp || !isFarmError(error) || !untoldCodes.includes(error.code)) throw error;
      return false;
    }
  };
  return {
    row,
    list: async () => (await deps.store.servers.find({ farmId: deps.farm().id })).map(deps.view),
    get: async (serverId) => deps.view(await row(serverId)),
    add: async (request) => {
      const view = await joinServer(deps, request);
      deps.changes.announce({ kind: 'server', id: view.id });
      return view;
    },
    update: async (serverId, change) => {
      const name = change.name?.trim() || undefined;
      const publicAddresses = change.publicAddresses === undefined ? undefined : confirmed(change.publicAddresses);
      // only what was asked for: whatever its agent tells at the same moment stays, and so does what another person changes
      const next = await deps.store.transaction(async (tables) => {
        const others = await tables.servers.find({ farmId: deps.farm().id });
        if (name !== undefined && others.some((other) => other.id !== serverId && other.name.toLowerCase() === name.toLowerCase()))
          throw new FarmError('EXISTS', { kind: 'server', name });
        return tables.servers.patch(serverId, { name, isDraining: change.isDraining, publicAddresses });
      });
      if (next === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
      deps.changes.announce({ kind: 'server', id: serverId });
      return deps.view(next);
    },
    remove: async (serverId, isGivenUp) => {
      const found = await row(serverId);
      const instances = deps.instancesOn(serverId);
      if (instances > 0) throw new FarmError('SERVER_NOT_EMPTY', { server: found.name, instances });
      if (!isGivenUp) await refuseWildcard(found);
      const isAgentTold = await tellToLeave(found, isGivenUp);
      await deps.store.servers.remove(serverId);
      await deps.directory.close(serverId);
      await deps.store.samples.removeSubject(serverId);
      deps.changes.announce({ kind: 'server', id: serverId });
      return { isAgentTold };
    },
    check: async (serverId) => {
      const found = await row(serverId);
      deps.directory.retry(serverId);
      try {
        const client = await deps.directory.client(serverId, 5000);
        const facts = await client.servers.facts();
        const next = await deps.store.transaction(async (tables) => {
          const now = await tables.servers.get(serverId);
          return now && tables.servers.patch(serverId, { ...withFacts(now, facts), seenAtMs: deps.clock.nowMs() });
        });
        if (next === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: found.name });
        return { server: deps.view(next) };
      } catch (error) {
        if (!isFarmError(error) || error.code === 'NOT_FOUND') throw error;
        return {
          server: deps.view(await row(serverId)),
          failure: { code: error.code, parameters: error.parameters as Record<string, string | number> },
        };
      }
    },
    start: async () => {
      for (const server of await deps.store.servers.find({ farmId: deps.farm().id })) await deps.directory.open(server);
    },
  };
}
