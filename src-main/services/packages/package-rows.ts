import type { Plan } from '../../model/plans/plan.ts';
import type { ApplicationPackage } from '../../model/packages/application-package.ts';
import type { FarmId } from '#contract/ids.ts';
import { planId as planIdSchema } from '#contract/ids.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ManifestFile } from '../../ports/payloads.ts';
import type { Tables } from '../../ports/store.ts';

export const packageRowId = (file: ManifestFile): string => `${file.manifest.id}@${file.manifest.version}`;

/** Puts the manifest's plans in, each under the id that it always had; takes those away that no manifest and no instance knows any more. */
export async function seedPlans(tables: Tables, farmId: FarmId, file: ManifestFile, ids: Ids): Promise<void> {
  const packageId = file.manifest.id;
  const known = await tables.plans.find({ farmId, packageId });
  for (const { key, name, memoryBytes, cpuMillicores, diskBytes } of file.manifest.plans) {
    const before = known.find((plan) => plan.key === key);
    const id = before?.id ?? planIdSchema.parse(ids.uuid());
    const row: Plan = { id, farmId, packageId, key, name, memoryBytes, cpuMillicores, diskBytes };
    if (JSON.stringify(row) !== JSON.stringify(before)) await tables.plans.put(row);
  }
  const wanted = new Set(file.manifest.plans.map((plan) => plan.key));
  for (const plan of known.filter((row) => !wanted.has(row.key))) {
    if ((await tables.instances.find({ planId: plan.id })).length === 0) await tables.plans.remove(plan.id);
  }
}

/** Puts the package's row in. Payloads that were built from other bytes are forgotten. */
export async function savePackage(
  tables: Tables,
  farmId: FarmId,
  file: ManifestFile,
  signature: string,
  nowMs: number,
): Promise<ApplicationPackage> {
  const { manifestJson, manifestHash, manifest } = file;
  const id = packageRowId(file);
  const before = await tables.packages.get(id);
  if (before !== undefined && before.manifestHash === manifestHash && before.farmId === farmId) return before;
  const row: ApplicationPackage = {
    id,
    farmId,
    packageId: manifest.id,
    version: manifest.version,
    manifestJson,
    manifestHash,
    signature,
    payloads: {},
    addedAtMs: before?.addedAtMs ?? nowMs,
  };
  await tables.packages.put(row);
  return row;
}

/** Versions and packages that are neither on this computer nor used by an instance. */
export async function removeUnused(tables: Tables, farmId: FarmId, files: readonly ManifestFile[]): Promise<void> {
  const current = new Set(files.map(packageRowId));
  const instances = await tables.instances.find({ farmId });
  const used = new Set(instances.map((instance) => `${instance.packageId}@${instance.packageVersion}`));
  for (const row of await tables.packages.find({ farmId })) {
    if (!current.has(row.id) && !used.has(row.id)) await tables.packages.remove(row.id);
  }
  const packages = new Set([...files.map((file) => file.manifest.id), ...instances.map((instance) => instance.packageId)]);
  for (const plan of await tables.plans.find({ farmId })) if (!packages.has(plan.packageId)) await tables.plans.remove(plan.id);
}
