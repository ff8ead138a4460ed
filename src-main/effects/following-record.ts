import { untilAnswered } from '../checks/dns-answers.ts';
import { presentAddresses } from '../checks/present-addresses.ts';
import { type InstanceRef, type OnServer, siteOf } from '../checks/site.ts';
import { sameValues } from '../model/domains/dns-records.ts';
import { keptWildcard } from '../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../model/domains/server-addresses.ts';
import type { Effect } from './effect.ts';
import type { RecordDeps, RecordFacts, RecordWanted } from './record.ts';

/** What is noted as ours of the instance's name, where it is to lead, and whether the farm's own wildcard leads it there. */
export type FollowingFacts = {
  readonly values: readonly string[];
  readonly present: readonly string[];
  readonly server: string;
  readonly isLed: boolean;
};
/** `mustBeFound`: one without a record gets one, unless the wildcard leads it. */
export type FollowingWanted = { readonly mustBeFound?: true };
/** Nothing of it is known, so that nothing is asked and nothing done. */
export const notLooked: FollowingFacts = { values: [], present: [], server: '', isLed: true };

/**
 * That the records of an instance's name, where it has any, lead to its server's present addresses: they may have changed while a job that left the
 * records alone so far stood still. Looks at rows only; asks the name servers when it had to write.
 */
export function createFollowingRecordEffect(
  deps: RecordDeps,
  record: Effect<InstanceRef, RecordWanted, RecordFacts>,
): Effect<OnServer, FollowingWanted, FollowingFacts> {
  const observe = async (at: OnServer): Promise<FollowingFacts | 'place-gone'> => {
    const { store } = deps;
    const [domain, row] = [await store.domains.get(at.domainId), await store.servers.get(at.serverId)];
    if (domain === undefined || row === undefined) return 'place-gone';
    const kept = keptWildcard(domain);
    const isLed = kept?.isRelied === true && kept.serverId === at.serverId;
    const values = (await store.ownedRecords.find({ instanceId: at.instanceId })).map(({ value }) => value);
    if (values.length === 0) return { values, present: publicAddressesOf(row), server: row.name, isLed };
    const { addresses, server } = await presentAddresses(deps, at);
    return { values, present: addresses, server, isLed };
  };
  return {
    kind: 'following-record',
    timeoutMs: record.timeoutMs + 120_000,
    waiting: record.waiting,
    observe,
    describe: (seen, wanted, { name }) => {
      if (wanted === 'absent' || typeof seen !== 'object') return undefined;
      const stands = seen.values.length === 0 ? seen.isLed || wanted.mustBeFound !== true : sameValues(seen.values, seen.present);
      if (stands) return undefined;
      return { code: 'record-in', parameters: { name, values: seen.present.join(', '), server: seen.server } };
    },
    ensure: async (at, _wanted, _seen, call) => {
      const { addresses, server } = await presentAddresses(deps, at);
      await record.ensure(at, { addresses, server }, 'absent', call);
      await untilAnswered(deps, await siteOf(deps, at), addresses, call);
      return { values: addresses, present: addresses, server, isLed: false };
    },
    remove: async () => 'kept',
    restore: () => ({}),
  };
}
