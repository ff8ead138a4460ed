import { FarmError } from '#contract/errors.ts';
import type { JobType } from '#contract/catalogue/jobs.ts';
import type { Language } from '#contract/ids.ts';
import { localizedText } from '#contract/localized-text.ts';
import type { Instance, DesiredState } from '../../model/instances/instance.ts';
import type { PackageAccess } from '../../ports/access.ts';
import type { JobPlan } from '../../ports/job-plan.ts';
import type { Store } from '../../ports/store.ts';

export type PlanDeps = {
  readonly store: Store;
  readonly packages: Pick<PackageAccess, 'manifest'>;
  readonly farm: () => { readonly language: Language };
};

/** What its sentences call an instance and what it is. */
async function wordsOf({ store, packages, farm }: PlanDeps, { name, domainId, packageId }: Instance) {
  const domain = await store.domains.get(domainId);
  const { manifest } = await packages.manifest(packageId);
  return {
    host: domain === undefined ? name : `${name}.${domain.name}`,
    domain: domain?.name ?? '',
    application: localizedText(manifest.name, farm().language),
  };
}

/**
 * A job of one instance that is there: nobody else works on it, its row names the job, and `desired` is what is wanted of it from then on. Its `within` throws
 * `NOT_FOUND` and `INSTANCE_STATE` where the row is not what was planned on any more.
 */
export function planOn<I>(
  deps: PlanDeps,
  row: Instance,
  job: { readonly type: JobType; readonly input: I; readonly desired?: DesiredState },
): JobPlan<I> {
  const { id, name } = row;
  return {
    subject: { kind: 'instance', id, name },
    input: job.input,
    parameters: () => wordsOf(deps, row),
    locks: [`instance:${id}`],
    within: async (tables, { id: jobId }) => {
      const now = await tables.instances.get(id);
      if (now === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
      if (now.desired !== row.desired) throw new FarmError('INSTANCE_STATE', { name, state: now.desired, wanted: job.type });
      await tables.instances.put({ ...now, desired: job.desired ?? now.desired, jobId });
    },
  };
}
