import type { PlanView } from '#contract/api/packages.ts';
import { FarmError } from '#contract/errors.ts';
import type { PackageId } from '#contract/ids.ts';
import type { Plan } from '../../model/plans/plan.ts';
import { inPlanOrder, planViewOf } from '../../model/plans/plan-view.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Store } from '../../ports/store.ts';

export type PlanService = {
  /** In the farm's language, small before large. */
  readonly list: (packageId?: PackageId) => Promise<readonly PlanView[]>;
  /**
   * The plan of a package, by its id or its key (`S`, any case); the package's smallest when none is named. Throws `NOT_FOUND`, `PLAN_NOT_OF_PACKAGE`.
   */
  readonly find: (packageId: PackageId, plan?: string) => Promise<Plan>;
};

type Deps = { readonly store: Store; readonly farm: () => Farm };

/** The sizes that packages come in; `PackageService.sync` seeds them from the manifests. */
export function createPlanService({ store, farm }: Deps): PlanService {
  const rows = async (packageId?: PackageId): Promise<readonly Plan[]> => {
    const found = await store.plans.find({ farmId: farm().id, ...(packageId === undefined ? {} : { packageId }) });
    return found.toSorted(inPlanOrder);
  };
  return {
    list: async (packageId) => (await rows(packageId)).map((plan) => planViewOf(plan, farm().language)),
    find: async (packageId, plan) => {
      const all = await rows();
      const own = all.filter((row) => row.packageId === packageId);
      const wanted = plan === undefined ? own[0] : own.find((row) => row.id === plan || row.key === plan.toUpperCase());
      if (wanted !== undefined) return wanted;
      const foreign = all.find((row) => row.id === plan);
      if (foreign !== undefined) throw new FarmError('PLAN_NOT_OF_PACKAGE', { plan: foreign.key, packageId });
      throw new FarmError('NOT_FOUND', own.length === 0 ? { kind: 'package', name: packageId } : { kind: 'plan', name: plan ?? '' });
    },
  };
}
