import { mapInSlices } from '#kit/in-slices.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { type Failure, FarmError, isFarmError } from '#contract/errors.ts';
import { withFacts } from '../../model/servers/public-addresses.ts';
import type { By } from '../../model/operators/by.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AgentDirectory } from './agent-directory.ts';
import { beginJoin, joinAndWait, type JoinDeps, type JoinRequest, type OwnJoin } from './begin-join.ts';

export type ServerService = {
  readonly list: () => Promise<readonly ServerView[]>;
  readonly get: (serverId: string) => Promise<ServerView>;
  readonly row: (serverId: string) => Promise<Server>;
  /** Begins to bring a server in: see `beginJoin`. */
  readonly add: (request: JoinRequest, by: By) => Promise<JobView>;
  /** The same for the farm itself: resolves when the server is in, and throws why it is not. */
  readonly join: (request: OwnJoin) => Promise<void>;
  readonly update: (
    serverId: string,
    change: {
      readonly name?: string | undefined;
      readonly isDraining?: boolean | undefined;
    },
  ) => Promise<ServerView>;
  readonly check: (serverId: string) => Promise<{ readonly server: ServerView; readonly failure?: Failure }>;
  /** Opens the links of all servers; called once when the farm is opened. */
  readonly start: () => Promise<void>;
};

/** Servers whose views are made in one go. */
const sliceLength = 50;

export function createServerService(
  deps: JoinDeps & {
    readonly clock: Clock;
    readonly changes: Changes;
    readonly directory: AgentDirectory;
    readonly view: (server: Server) => ServerView;
    /** Lets others have their turn between slices of a long list. */
    readonly pause: () => Promise<void>;
  },
): ServerService {
  const row = async (serverId: string): Promise<Server> => {
    const found = await deps.store.servers.get(serverId);
    if (found === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
    return found;
  };
  return {
    row,
    list: async () => mapInSlices(await deps.store.servers.find({ farmId: deps.farm().id }), sliceLength, deps.pause, deps.view),
    get: async (serverId) => deps.view(await row(serverId)),
    add: (request, by) => beginJoin(deps, request, by),
    join: (request) => joinAndWait(deps, request),
    update: async (serverId, change) => {
      const name = change.name?.trim() || undefined;
      // only what was asked for: whatever its agent tells at the same moment stays, and so does what another person changes
      const next = await deps.store.transaction(async (tables) => {
        const others = await tables.servers.find({ farmId: deps.farm().id });
        if (name !== undefined && others.some((other) => other.id !== serverId && other.name.toLowerCase() === name.toLowerCase()))
          throw new FarmError('EXISTS', { kind: 'server', name });
        return tables.servers.patch(serverId, { name, isDraining: change.isDraining });
      });
      if (next === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
      deps.changes.announce({ kind: 'server', id: serverId });
      return deps.view(next);
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
