import * as z from 'zod';
import { line } from './plain-text.ts';

/**
 * Branded identifiers. Every row's id is a UUID version 7 (RFC 9562 §5.7), so that ids sort by the time they were made.
 * Ids are made by the core's `Ids` port, never here: the contract has no clock.
 */
const uuid = z.uuid();

export const farmId = uuid.brand<'FarmId'>();
export type FarmId = z.infer<typeof farmId>;

export const serverId = uuid.brand<'ServerId'>();
export type ServerId = z.infer<typeof serverId>;

export const instanceId = uuid.brand<'InstanceId'>();
export type InstanceId = z.infer<typeof instanceId>;

export const customerId = uuid.brand<'CustomerId'>();
export type CustomerId = z.infer<typeof customerId>;

export const planId = uuid.brand<'PlanId'>();
export type PlanId = z.infer<typeof planId>;

export const domainId = uuid.brand<'DomainId'>();
export type DomainId = z.infer<typeof domainId>;

export const certificateId = uuid.brand<'CertificateId'>();
export type CertificateId = z.infer<typeof certificateId>;

export const jobId = uuid.brand<'JobId'>();
export type JobId = z.infer<typeof jobId>;

/** The folder name of an application package, e.g. `tiddlywiki`. Chosen by the packager, not by us. */
export const packageId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/)
  .brand<'PackageId'>();
export type PackageId = z.infer<typeof packageId>;

/** Lower-case hexadecimal SHA-256. */
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Sha256'>();
export type Sha256 = z.infer<typeof sha256>;

/** An instant: whole milliseconds since 1970-01-01T00:00:00Z, from the injected clock. */
export const instant = z.number().int().nonnegative();
export type Instant = z.infer<typeof instant>;

/** A request key: the same key twice, from the same actor, is one act. */
export const requestKey = line.min(8).max(200);
export type RequestKey = z.infer<typeof requestKey>;

export const language = z.enum(['en', 'ru']);
export type Language = z.infer<typeof language>;

/** Who did it. Every write carries one. */
export const actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('operator'), name: z.string() }),
  z.object({ kind: z.literal('token'), name: z.string() }),
  z.object({ kind: z.literal('agent'), serverId }),
  z.object({ kind: z.literal('system') }),
]);
export type Actor = z.infer<typeof actor>;

/** What an operator may do: *look* reads, *operate* changes instances, *own* changes the farm itself. Each includes the one before. */
export const permission = z.enum(['look', 'operate', 'own']);
export type Permission = z.infer<typeof permission>;
