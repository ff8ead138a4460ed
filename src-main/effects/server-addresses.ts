import { FarmError } from '#contract/errors.ts';
import type { PublicAddress } from '../model/servers/server.ts';
import type { Changes } from '../ports/changes.ts';
import type { Store } from '../ports/store.ts';
import type { Effect } from './effect.ts';
import type { ServerRef } from './server-row.ts';

export type ServerAddresses = { readonly addresses: readonly PublicAddress[] };

const textOf = ({ addresses }: ServerAddresses): string => addresses.map(({ address, state }) => `${address} ${state}`).join(', ');

/** At which addresses the world is to reach a server: a column of its row. Names in DNS follow it, each by an effect of its own. */
export function createServerAddressesEffect(deps: {
  readonly store: Pick<Store, 'servers'>;
  readonly changes: Changes;
}): Effect<ServerRef, ServerAddresses, ServerAddresses> {
  const seen = async ({ serverId }: ServerRef): Promise<ServerAddresses | 'absent'> => {
    const row = await deps.store.servers.get(serverId);
    return row === undefined ? 'absent' : { addresses: row.publicAddresses };
  };
  return {
    kind: 'server-addresses',
    timeoutMs: 30_000,
    waiting: () => ({ code: 'save', parameters: {} }),
    known: seen,
    observe: seen,
    describe: (facts, wanted, { name }) => {
      if (wanted === 'absent') return undefined;
      if (typeof facts === 'object' && textOf(facts) === textOf(wanted)) return undefined;
      return { code: 'server-addresses', parameters: { name, addresses: wanted.addresses.map(({ address }) => address).join(', ') } };
    },
    ensure: async ({ serverId, name }, { addresses }) => {
      // only this column: whatever else is changed of the server meanwhile stays
      if ((await deps.store.servers.patch(serverId, { publicAddresses: addresses })) === undefined)
        throw new FarmError('NOT_FOUND', { kind: 'server', name });
      deps.changes.announce({ kind: 'server', id: serverId });
      return { addresses };
    },
    // they go with the server's row
    remove: async () => 'kept',
    restore: ({ addresses }) => ({ addresses }),
  };
}
