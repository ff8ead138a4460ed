import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { domainRowOf, presentRow } from '../../checks/domain-state.ts';
import { refOf, siteOfRow } from '../../checks/site.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';
import { proof } from '../../engine/steps-of.ts';
import { domainRefOf } from '../../model/domains/farm-domain.ts';
import { keptWildcard, wildcardNameOf, withWildcard } from '../../model/domains/kept-wildcard.ts';
import { publicAddressesOf } from '../../model/domains/server-addresses.ts';
import { leadingSets } from '../../model/domains/wildcards.ts';
import { type JobPlan, PlanOutdated, type Within } from '../../ports/job-plan.ts';
import { type DomainJobDeps, type DropInput, dropInput } from './domain-job.ts';
import { planOn } from './plan-on.ts';

type Placed = { readonly serverId: string | null; readonly desired: string };
/** May be found by the wildcard: it stands on its server, or nobody knows yet where it will stand. */
const isOnIt = ({ kept }: Pick<DropInput, 'kept'>, { serverId, desired }: Placed): boolean =>
  desired !== 'removed' && (serverId === kept.serverId || serverId === null);

/** Nobody new relies on it from the transaction that begins the job on. Throws `NOT_FOUND`, also where the farm keeps none. */
async function plan({ store }: DomainJobDeps, domainId: DomainId): Promise<JobPlan<DropInput>> {
  const domain = await domainRowOf(store, domainId);
  const kept = keptWildcard(domain);
  if (kept === undefined) throw new FarmError('NOT_FOUND', { kind: 'record', name: wildcardNameOf(domain) });
  const instances = (await store.instances.find({ domainId })).filter((row) => isOnIt({ kept }, row)).map(refOf);
  return planOn(domain, {
    input: { ...domainRefOf(domain), kept, instances },
    server: (await store.servers.get(kept.serverId))?.name ?? '',
    within: async (tables) => {
      const row = await presentRow(tables, domain);
      if (JSON.stringify(keptWildcard(row)) !== JSON.stringify(kept))
        throw new FarmError('NOT_FOUND', { kind: 'record', name: wildcardNameOf(row) });
      await tables.domains.patch(row.id, { dnsSettings: withWildcard(row, { ...kept, isRelied: false }).dnsSettings });
    },
  });
}

/**
 * Who has a record of their own is asked of the zone, because a record may have been noted as ours and then not been written. Throws what the driver
 * throws; then, within, `OBJECT_BUSY` while a job works on an instance that may be found by the wildcard, and
 * `PlanOutdated` where others may be found by it than were listed.
 */
async function refuse({ dns }: DomainJobDeps, { input }: JobPlan<DropInput>): Promise<Within> {
  const { domainId, name: domain, instances } = input;
  const driver = await dns.driver(domainId);
  const standing = new Set(leadingSets(await driver.list(await driver.findZone(domain))).map(({ name }) => name));
  return async (tables) => {
    const there = (await tables.instances.find({ domainId })).filter((row) => isOnIt(input, row));
    for (const { id, name } of there) {
      const lock = standing.has(`${name}.${domain}`) ? undefined : await tables.locks.get(`instance:${id}`);
      if (lock !== undefined) throw new FarmError('OBJECT_BUSY', { kind: 'instance', name, jobId: lock.jobId });
    }
    // a record that the job of one placed elsewhere meanwhile writes would go with the undo of this one
    const isListed = (id: string): boolean => instances.some(({ instanceId }) => instanceId === id);
    if (there.length !== instances.length || !there.every(({ id }) => isListed(id))) throw new PlanOutdated();
  };
}

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
    begin: { plan: ({ domainId }) => plan(deps, domainId), refuse: (_asked, planned) => refuse(deps, planned) },
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
