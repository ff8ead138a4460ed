import type { FarmId, PackageId, PlanId } from '#contract/ids.ts';
import type { Localized } from '#contract/package-manifest.ts';

/** A size of a package. Seeded by the manifest; its id stays the same for the same farm, package and key. */
export type Plan = {
  readonly id: PlanId;
  readonly farmId: FarmId;
  readonly packageId: PackageId;
  readonly key: string;
  readonly name: Localized;
  readonly memoryBytes: number;
  /** Thousandths of one core. */
  readonly cpuMillicores: number;
  readonly diskBytes: number;
};
