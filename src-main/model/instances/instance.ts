import type { CustomerId, DomainId, FarmId, InstanceId, Instant, JobId, PackageId, PlanId, ServerId } from '#contract/ids.ts';

/** What the farm wants of an instance; what it does is measured. A union, so that no two flags must agree. */
export type DesiredState = 'made' | 'running' | 'stopped' | 'suspended' | 'removed';

export type Instance = {
  readonly id: InstanceId;
  readonly farmId: FarmId;
  /** The address label; unique in its domain. */
  readonly name: string;
  readonly domainId: DomainId;
  readonly customerId: CustomerId | null;
  readonly serverId: ServerId | null;
  readonly packageId: PackageId;
  readonly packageVersion: string;
  readonly manifestHash: string;
  readonly planId: PlanId;
  readonly labels: readonly string[];
  /** Parameters that are not secret. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Sealed JSON of the secret ones. */
  readonly sealedSecrets: string;
  readonly desired: DesiredState;
  readonly handedOverAtMs: Instant | null;
  readonly jobId: JobId | null;
  readonly createdAtMs: Instant;
};
