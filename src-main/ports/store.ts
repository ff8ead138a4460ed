import type { MetricValues } from '#contract/catalogue/metrics.ts';
import type { JobType } from '#contract/catalogue/jobs.ts';
import type { JobState } from '#contract/api/jobs.ts';
import type { FarmId } from '#contract/ids.ts';
import type { FarmCertificate } from '../model/certificates/farm-certificate.ts';
import type { Customer } from '../model/customers/customer.ts';
import type { FarmDomain, OwnedRecord, ServedRecord } from '../model/domains/farm-domain.ts';
import type { Instance } from '../model/instances/instance.ts';
import type { Job, JobStep, Lock } from '../model/jobs/job.ts';
import type { AuditLine } from '../model/jobs/audit-log.ts';
import type { AlertRecord } from '../model/monitoring/alert-record.ts';
import type { ApplicationPackage } from '../model/packages/application-package.ts';
import type { Plan } from '../model/plans/plan.ts';
import type { Server } from '../model/servers/server.ts';
import type { Farm } from '../model/settings/farm.ts';

/** One act by one actor under one request key, with its answer: the same key again gets the answer again, for some days. */
export type Act = {
  /** `<actor>/<request key>` */
  readonly id: string;
  readonly farmId: string;
  readonly procedure: string;
  /** SHA-256 of the input, so that a key used for something else is noticed. */
  readonly inputHash: string;
  readonly actor: unknown;
  readonly state: 'begun' | 'done';
  readonly answer: unknown;
  readonly atMs: number;
};

/** One stored measurement. `subjectId` is a server's or an instance's id; `clockOffsetMs` is the agent's clock minus ours. `atMs` is corrected to our clock. */
export type StoredSample = {
  readonly farmId: string;
  readonly serverId: string;
  readonly subjectId: string;
  readonly atMs: number;
  readonly agentAtMs: number;
  readonly clockOffsetMs: number;
  /** By the metric's name in `catalogue/metrics.ts`; one that is not there was not measured. A new metric needs no migration. */
  readonly values: MetricValues;
};

/** How long a step took, kept for "usually about 6 s". */
export type Duration = {
  readonly id: string;
  readonly farmId: string;
  readonly jobType: string;
  readonly step: string;
  readonly durationMs: number;
  readonly atMs: number;
};

/** A data key wrapped by one keeper, or another small named value of the home. */
export type Setting = { readonly id: string; readonly farmId: string; readonly value: unknown };

/** What may stand in a `where`: equality of plain columns; several are and-ed. */
export type Where<Row> = {
  readonly [K in keyof Row]?: Row[K] extends string | number | boolean | null ? Row[K] | readonly Row[K][] : never;
};

/** Some columns of a row. One that is `undefined` is not changed. */
export type Patch<Row> = { readonly [K in keyof Row as K extends 'id' ? never : K]?: Row[K] | undefined };

/** One table. Every act is repeatable but `insert`, which throws `STORE_CONFLICT` when the id (or another unique value) is there. */
export interface Table<Row extends { readonly id: string }> {
  readonly get: (id: string) => Promise<Row | undefined>;
  readonly find: (where?: Where<Row>) => Promise<readonly Row[]>;
  readonly insert: (row: Row) => Promise<void>;
  /** Inserts or replaces by id. A row that was read earlier loses what others wrote meanwhile: to change some columns, `patch`. */
  readonly put: (row: Row) => Promise<void>;
  /** Changes these columns of the row as it is now, and no others; answers with the row after it, undefined where there is none. */
  readonly patch: (id: string, change: Patch<Row>) => Promise<Row | undefined>;
  readonly remove: (id: string) => Promise<void>;
}

export interface Tables {
  readonly farms: Table<Farm>;
  readonly servers: Table<Server>;
  readonly instances: Table<Instance>;
  readonly customers: Table<Customer>;
  readonly plans: Table<Plan>;
  readonly packages: Table<ApplicationPackage>;
  readonly domains: Table<FarmDomain>;
  readonly ownedRecords: Table<OwnedRecord>;
  readonly servedRecords: Table<ServedRecord>;
  readonly certificates: Table<FarmCertificate>;
  readonly jobs: JobsTable;
  readonly jobSteps: Table<JobStep>;
  readonly locks: Table<Lock>;
  readonly auditLog: Table<AuditLine>;
  readonly acts: ActsTable;
  readonly alerts: AlertsTable;
  readonly durations: Table<Duration>;
  readonly settings: Table<Setting>;
  readonly samples: SampleTable;
}

export type JobsWanted = {
  readonly farmId: FarmId;
  readonly state?: JobState | undefined;
  readonly subjectId?: string | undefined;
  /** Any of these. No index helps: the others are read over, which is for once, when a farm is opened. */
  readonly types?: readonly JobType[] | undefined;
};

export interface JobsTable extends Omit<Table<Job>, 'patch'> {
  /** At most `limit` of those that fit, newest first: by their ids, which rise as jobs are made. As quick with 100,000 jobs as with ten. */
  readonly newest: (wanted: JobsWanted, limit: number) => Promise<readonly Job[]>;
}

export interface ActsTable extends Table<Act> {
  /** Forgets what began before that instant, done or cut off. */
  readonly removeBefore: (atMs: number) => Promise<void>;
}

/** At most one of a code and a subject is open: a second throws `STORE_CONFLICT`. */
export interface AlertsTable extends Table<AlertRecord> {
  /** Forgets those that closed before that instant, never one that is open. */
  readonly removeClosedBefore: (atMs: number) => Promise<void>;
}

export interface SampleTable {
  /** Adds many; one that is there already (same subject, same agent instant) is ignored. */
  readonly add: (samples: readonly StoredSample[]) => Promise<void>;
  /** Oldest first, `sinceMs` ≤ atMs < `untilMs`. */
  readonly range: (subjectId: string, sinceMs: number, untilMs: number) => Promise<readonly StoredSample[]>;
  /** The newest agent instant stored of a server, to ask for what came after. */
  readonly newestAgentMs: (serverId: string) => Promise<number | undefined>;
  readonly removeBefore: (atMs: number) => Promise<void>;
  readonly removeSubject: (subjectId: string) => Promise<void>;
}

/**
 * The farm's truth. One core at a time has it open. Inside `transaction` only `tables` is used and nothing but the store is waited for;
 * an error inside takes everything back and is thrown on. Durable when the promise resolves (SQLite: WAL with `synchronous=FULL`).
 * Throws `STORE_CONFLICT`, `STORE_FULL`, `HOME_NEWER`, `HOME_HALF_WRITTEN`.
 */
export interface Store extends Tables {
  readonly transaction: <Result>(work: (tables: Tables) => Promise<Result>) => Promise<Result>;
  readonly kind: 'sqlite' | 'postgres';
  /** The newest migration that has run, e.g. `0001-first`. */
  readonly migration: string;
  readonly close: () => Promise<void>;
}
