import { siteOfRow } from '../../checks/site.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';
import { proof } from '../../engine/steps-of.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { type DomainJobDeps, type DropInput, dropInput } from './domain-job.ts';

/** Nobody new relies on the wildcard, everybody who did gets a record of its own, and only then it goes. */
export function createDropWildcardJob(deps: DomainJobDeps): JobDefinition<DropInput> {
  const { effects, store } = deps;
  /** Where its server has no address any more, it stays found where the wildcard has led it. */
  const addressesOf = async (instanceId: string, led: readonly string[]): Promise<{ addresses: readonly string[]; server: string }> => {
    const row = await store.instances.get(instanceId);
    if (row === undefined || row.serverId === null) return { addresses: [], server: '' };
    const { server } = await siteOfRow(deps, row);
    const addresses = publicAddressesOf(server);
    return { addresses: addresses.length === 0 ? led : addresses, server: server.name };
  };
  return {
    type: 'drop-wildcard',
    version: 1,
    continues: [],
    read: (input) => dropInput.parse(input),
    parts: (i) => {
      const ref = () => i;
      const record = use('wildcard', effects.wildcardRecord).remove(ref);
      return [
        use('save', effects.keptWildcard).ensure(ref, () => ({ ...i.kept, isRelied: false }), { before: i.kept, isWithJob: true }),
        ...i.instances.map((instance) =>
          use('records', effects.ownRecord).ensure(
            () => instance,
            () => addressesOf(instance.instanceId, i.kept.values),
            { key: `own-record/${instance.instanceId}` },
          ),
        ),
        record,
        use('row', effects.keptWildcard).remove(ref),
        proof([record], `*.${i.name}`),
      ];
    },
  };
}
