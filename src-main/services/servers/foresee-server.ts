import type { RehearsalRequest } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type FarmId, type ServerId, serverId as serverIdSchema } from '#contract/ids.ts';
import { refOf } from '../../checks/site.ts';
import type { Foreseen } from '../../engine/foreseen.ts';
import type { Server } from '../../model/servers/server.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Store } from '../../ports/store.ts';
import { confirmed, followingWildcards } from './begin-address.ts';
import { withPort } from './begin-join.ts';

type Request = Extract<RehearsalRequest, { readonly type: 'remove-server' | 'join-server' | 'address-server' }>;
type Deps = { readonly store: Pick<Store, 'servers' | 'instances' | 'domains'>; readonly ids: Ids; readonly farmId: () => FarmId };

async function rowOf(store: Deps['store'], id: ServerId): Promise<Server> {
  const row = await store.servers.get(id);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: id });
  return row;
}

/** What an act on a server would be, for its rehearsal: from the store alone. Throws `NOT_FOUND`, `PUBLIC_ADDRESS_INVALID`. */
export async function foreseeServer(deps: Deps, request: Request): Promise<Foreseen> {
  if (request.type === 'join-server') {
    const { name } = request;
    const serverId = serverIdSchema.parse(deps.ids.uuid());
    const input = { serverId, farmId: deps.farmId(), name, address: withPort(request.address), sealedCode: '' };
    return { input, parameters: { name, server: name } };
  }
  const { id: serverId, name, address, keyFingerprint, publicAddresses } = await rowOf(deps.store, request.serverId);
  const parameters = { name, server: name };
  if (request.type === 'remove-server')
    return { input: { serverId, name, address, keyFingerprint, isGivenUp: request.isGivenUp === true }, parameters };
  const instances = (await deps.store.instances.find({ serverId })).map(refOf);
  const after = confirmed(request.publicAddresses);
  const wildcards = await followingWildcards(deps.store, { id: serverId });
  return { input: { serverId, name, before: publicAddresses, after, instances, wildcards }, parameters };
}
