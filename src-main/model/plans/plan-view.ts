import type { PlanView } from '#contract/api/packages.ts';
import type { Language } from '#contract/ids.ts';
import { localizedText } from '#contract/localized-text.ts';
import type { Plan } from './plan.ts';

export function planViewOf(plan: Plan, language: Language): PlanView {
  const { id, packageId, key, name, memoryBytes, cpuMillicores, diskBytes } = plan;
  return { id, packageId, key, name: localizedText(name, language), names: name, limits: { memoryBytes, cpuMillicores, diskBytes } };
}

/** By package, then from small to large. */
export function inPlanOrder(one: Plan, other: Plan): number {
  if (one.packageId !== other.packageId) return one.packageId < other.packageId ? -1 : 1;
  return one.memoryBytes - other.memoryBytes || (one.key < other.key ? -1 : 1);
}
