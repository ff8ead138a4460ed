import { FarmError } from '#contract/errors.ts';
import { describeRecords, isSameContent, isSameSet, type RecordSet } from '../../model/domains/dns-records.ts';
import type { DnsPlan } from '../../model/domains/plan-change.ts';

export type PlanTarget = {
  readonly server: string;
  /** The record set at the plan's name and type as it is now. */
  readonly read: () => Promise<RecordSet | undefined>;
  readonly write: (after: RecordSet | undefined) => Promise<void>;
};

/** The promise of `DnsDriver.apply`, the same for every driver: look, refuse when it changed meanwhile, write, read back. */
export async function applyPlan(plan: DnsPlan, target: PlanTarget): Promise<void> {
  const current = await target.read();
  if (isSameSet(current, plan.after)) return;
  if (!isSameContent(current, plan.before)) {
    throw new FarmError('DNS_UNSAFE', { name: plan.name, found: describeRecords(current === undefined ? [] : [current]) });
  }
  await target.write(plan.after);
  if (!isSameSet(await target.read(), plan.after)) {
    throw new FarmError('DNS_REFUSED', { domain: plan.zone, name: plan.name, server: target.server, reason: 'read-back' });
  }
}
