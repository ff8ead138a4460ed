import type { ServerView } from '#contract/api/servers.ts';
import { FarmError } from '#contract/errors.ts';
import { serverId as serverIdSchema, type FarmId } from '#contract/ids.ts';
import type { Server } from '../../model/servers/server.ts';
import { proposedAddresses } from '../../model/servers/public-addresses.ts';
import { proposeServerName } from '../../model/servers/server-names.ts';
import type { AgentLinks, CoreIdentity } from '../../ports/agent-link.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { AuthorityKeys, Pki } from '../../ports/pki.ts';
import type { Store } from '../../ports/store.ts';
import type { AgentDirectory } from './agent-directory.ts';

export type JoinDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly links: AgentLinks;
  readonly directory: AgentDirectory;
  readonly pki: Pki;
  readonly identity: () => CoreIdentity;
  readonly agentAuthority: () => Promise<AuthorityKeys>;
  readonly farm: () => { readonly id: FarmId; readonly name: string };
  readonly view: (server: Server) => ServerView;
};

export type JoinRequest = {
  readonly address: string;
  readonly code: string;
  readonly name?: string | undefined;
  readonly publicAddresses?: readonly string[];
};
const defaultAgentPort = 7443;

/** `host` → `host:7443`; an IPv6 address in brackets keeps them. */
export function withPort(address: string): string {
  const trimmed = address
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '');
  if (/^\[[^\]]+\]$/.test(trimmed) || !trimmed.includes(':')) return `${trimmed}:${defaultAgentPort}`;
  if (trimmed.split(':').length > 2 && !trimmed.startsWith('[')) return `[${trimmed}]:${defaultAgentPort}`;
  return trimmed;
}

/**
 * Pairs, saves, opens the kept link, and waits until the agent has told its facts. When anything before saving fails nothing of the server stays
 * here, and the agent takes the same farm again.
 */
export async function joinServer(deps: JoinDeps, request: JoinRequest): Promise<ServerView> {
  const farm = deps.farm();
  const address = withPort(request.address);
  const all = await deps.store.servers.find({ farmId: farm.id });
  const joined = all.find((server) => server.address === address);
  if (joined !== undefined) throw new FarmError('SERVER_ALREADY_JOINED', { server: joined.name });
  const name = request.name?.trim() || proposeServerName(all.map((server) => server.name));
  if (all.some((server) => server.name.toLowerCase() === name.toLowerCase())) throw new FarmError('EXISTS', { kind: 'server', name });
  const authority = await deps.agentAuthority();
  const id = serverIdSchema.parse(deps.ids.uuid());
  const paired = await deps.links.pair({
    address,
    code: request.code,
    identity: deps.identity(),
    serverId: id,
    farmName: farm.name,
    sign: async (requestPem, keyFingerprint) => {
      // Before the agent takes a new server id: one that joined under another address must keep the id that we know.
      const same = all.find((server) => server.keyFingerprint === keyFingerprint);
      if (same !== undefined) throw new FarmError('SERVER_ALREADY_JOINED', { server: same.name });
      const issued = await deps.pki.issueAgent(authority, farm.id, id, requestPem, deps.clock.nowMs());
      return { chainPem: issued.chainPem };
    },
  });
  const link = deps.links.open(deps.identity(), { serverId: id, serverName: name, address, keyFingerprint: paired.keyFingerprint });
  try {
    await link.ready(10_000);
    const facts = await link.client.servers.facts();
    const nowMs = deps.clock.nowMs();
    const state = link.state();
    const server: Server = {
      id,
      farmId: farm.id,
      name,
      address,
      publicAddresses:
        request.publicAddresses?.map((found) => ({ address: found, state: 'confirmed' as const })) ?? proposedAddresses(facts, address),
      keyFingerprint: paired.keyFingerprint,
      facts,
      agentVersion: paired.agentVersion,
      isDraining: false,
      clockOffsetMs: state.state === 'connected' ? Math.round(state.clockOffsetMs) : 0,
      seenAtMs: nowMs,
      joinedAtMs: nowMs,
    };
    await deps.store.servers.insert(server);
    await link.close();
    await deps.directory.open(server);
    await deps.directory.client(server.id);
    return deps.view(server);
  } catch (error) {
    await link.close();
    throw error;
  }
}
