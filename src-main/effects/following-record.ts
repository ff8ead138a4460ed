import { untilAnswered } from '../checks/dns-answers.ts';
import { presentAddresses } from '../checks/present-addresses.ts';
import { type InstanceRef, type OnServer, siteOf } from '../checks/site.ts';
import { sameValues } from '../model/domains/dns-records.ts';
import type { Effect } from './effect.ts';
import type { RecordDeps, RecordFacts, RecordWanted } from './record.ts';

/** What is noted as ours of the instance's name, and where it is to lead. */
export type FollowingFacts = { readonly values: readonly string[]; readonly present: readonly string[]; readonly server: string };
/** Nothing of it is known, so that nothing is asked and nothing done. */
export const notLooked: FollowingFacts = { values: [], present: [], server: '' };

/**
 * That the records of an instance's name, where it has any, lead to its server's present addresses: they may have changed while a job that left the
 * records alone so far stood still. Looks at rows only; asks the name servers when it had to write.
 */
export function createFollowingRecordEffect(
  deps: RecordDeps,
  record: Effect<InstanceRef, RecordWanted, RecordFacts>,
): Effect<OnServer, object, FollowingFacts> {
  const observe = async (at: OnServer): Promise<FollowingFacts | 'place-gone'> => {
    const { store } = deps;
    if ((await store.domains.get(at.domainId)) === undefined || (await store.servers.get(at.serverId)) === undefined) return 'place-gone';
    const values = (await store.ownedRecords.find({ instanceId: at.instanceId })).map(({ value }) => value);
    if (values.length === 0) return notLooked;
    const { addresses, server } = await presentAddresses(deps, at);
    return { values, present: addresses, server };
  };
  return {
    kind: 'following-record',
    timeoutMs: record.timeoutMs + 120_000,
    waiting: record.waiting,
    observe,
    describe: (seen, wanted, { name }) => {
      if (wanted === 'absent' || typeof seen !== 'object' || sameValues(seen.values, seen.present)) return undefined;
      return { code: 'record-in', parameters: { name, values: seen.present.join(', '), server: seen.server } };
    },
    ensure: async (at, _wanted, _seen, call) => {
      const { addresses, server } = await presentAddresses(deps, at);
      await record.ensure(at, { addresses, server }, 'absent', call);
      await untilAnswered(deps, await siteOf(deps, at), addresses, call);
      return { values: addresses, present: addresses, server };
    },
    remove: async () => 'kept',
    restore: () => ({}),
  };
}
