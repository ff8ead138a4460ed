import { FarmError } from '#contract/errors.ts';
import type { Job } from '../model/jobs/job.ts';
import type { JobRecord } from './job-records.ts';
import type { JobTable } from './job-table.ts';

export function tableOf(tables: readonly JobTable[], { job }: JobRecord): JobTable | undefined {
  return tables.find((table) => table.type === job.type);
}

const knows = (table: JobTable | undefined, { version }: Job): table is JobTable =>
  table !== undefined && (table.version === version || table.continues.includes(version));

/** The table that goes on with a job without being asked, after the core has ended; undefined where a person chooses. */
export function resumingTable(tables: readonly JobTable[], record: JobRecord): JobTable | undefined {
  const table = tableOf(tables, record);
  const { state, direction } = record.job;
  return knows(table, record.job) && table.resume === 'auto' && state === 'stopped' && direction === 'forward' ? table : undefined;
}

/** The table that goes on with a job. Throws `JOB_OTHER_VERSION` when it would misunderstand what an older one has done. */
export function continuableTable(tables: readonly JobTable[], record: JobRecord): JobTable {
  const table = tableOf(tables, record);
  if (!knows(table, record.job)) throw new FarmError('JOB_OTHER_VERSION', versionsOf(table, record));
  return table;
}

/** Undoing needs less: every step that has begun must still be known by its name and place. */
export function undoableTable(tables: readonly JobTable[], record: JobRecord): JobTable {
  const table = tableOf(tables, record);
  const isKnown =
    table !== undefined && record.steps.every((step, at) => (step.attempts === 0 && at > 0) || table.steps[at]?.name === step.name);
  if (!isKnown) throw new FarmError('JOB_OTHER_VERSION', versionsOf(table, record));
  return table;
}

export function versionsOf(table: JobTable | undefined, { job }: JobRecord): { jobId: string; begun: string; here: string } {
  return { jobId: job.id, begun: String(job.version), here: String(table?.version ?? 0) };
}
