import { FarmError } from '#contract/errors.ts';
import type { DomainId } from '#contract/ids.ts';
import { domainRowOf } from '../../checks/domain-state.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';
import { proof } from '../../engine/steps-of.ts';
import { domainRefOf, type FarmDomain, leavingKey } from '../../model/domains/farm-domain.ts';
import { keptWildcard } from '../../model/domains/kept-wildcard.ts';
import type { Job } from '../../model/jobs/job.ts';
import { isEnded } from '../../model/jobs/machine.ts';
import { demoDomain } from '../../model/settings/demo-plan.ts';
import type { JobPlan } from '../../ports/job-plan.ts';
import type { Tables } from '../../ports/store.ts';
import { type DomainInput, type DomainJobDeps, domainInput, ownZone } from './domain-job.ts';
import { planOn } from './plan-on.ts';

/** The sentence knows one word for a certificate, wherever it is. */
const whatOf = (code: string): string => (code === 'wildcard-certificate' ? 'certificate' : code);

async function refuseUsed(tables: Pick<Tables, 'instances' | 'jobs'>, { id, farmId, name }: FarmDomain, own?: Job): Promise<void> {
  const instances = (await tables.instances.find({ domainId: id })).length;
  // a stopped job may be undone, and would need the zone for that; one of the domain itself holds its lock
  const needs = ({ id: jobId, state, input, subject }: Job): boolean =>
    jobId !== own?.id && !isEnded(state) && subject.kind === 'instance' && input.domainId === id;
  const jobs = (await tables.jobs.find({ farmId })).filter(needs).length;
  if (instances > 0 || jobs > 0) throw new FarmError('DOMAIN_IN_USE', { domain: name, instances, jobs });
}

/** From the transaction that begins the job on, nobody begins below it. Its `within` throws `NOT_FOUND`, `DOMAIN_IN_USE`. */
async function plan({ store }: DomainJobDeps, domainId: DomainId): Promise<JobPlan<DomainInput>> {
  const row = await domainRowOf(store, domainId);
  const kept = keptWildcard(row);
  const server = kept && (await store.servers.get(kept.serverId));
  return planOn(row, {
    input: domainRefOf(row),
    server: server?.name ?? '',
    within: async (tables, job) => {
      await domainRowOf(tables, domainId);
      await refuseUsed(tables, row, job);
      await tables.settings.put({ id: leavingKey(domainId), farmId: row.farmId, value: { name: row.name } });
    },
  });
}

/** Throws `NOT_FOUND`, `DOMAIN_OF_DEMO`, `DOMAIN_IN_USE`. */
async function refuse({ store, farm }: DomainJobDeps, domainId: DomainId): Promise<undefined> {
  const row = await domainRowOf(store, domainId);
  if (farm().isDemo && row.name === demoDomain) throw new FarmError('DOMAIN_OF_DEMO', { domain: row.name });
  await refuseUsed(store, row);
}

/**
 * From a domain that nobody uses to nothing, with a proof at the end. What was in the zone of another's name server before the farm came stays there.
 * Once its row has gone, and with it the credentials, it can only be continued.
 */
export function createRemoveDomainJob(deps: DomainJobDeps): JobDefinition<DomainInput> {
  const { effects } = deps;
  return {
    type: 'remove-domain',
    version: 1,
    continues: [],
    begin: { plan: ({ domainId }) => plan(deps, domainId), refuse: ({ domainId }) => refuse(deps, domainId) },
    read: (input) => domainInput.parse(input),
    parts: (i) => {
      const ref = () => i;
      const parts = [
        use('check', effects.row).ensure(ref, () => ({ desired: 'leaving' }), { before: { desired: 'there' }, isWithJob: true }),
        use('records', effects.records).remove(ref),
        use('records', effects.wildcardRecord).remove(ref),
        use('records', effects.keptWildcard).remove(ref),
        use('servers', effects.certificates).remove(ref),
        use('zone', effects.zone).remove(() => ownZone(i)),
        use('row', effects.wildcardCertificate).remove(ref),
        use('row', effects.row).remove(ref, { isNoReturn: true }),
      ];
      return [...parts, proof(parts, i.name, { whatOf })];
    },
  };
}
