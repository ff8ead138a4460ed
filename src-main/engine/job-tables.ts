import { FarmError } from '#contract/errors.ts';
import type { JobRecord } from './job-records.ts';
import type { JobTable } from './job-table.ts';

export function tableOf(tables: readonly JobTable[], { job }: JobRecord): JobTable | undefined {
  return tables.find((table) => table.type === job.type);
}

/** The table that goes on with a job. Throws `JOB_OTHER_VERSION` when it would misunderstand what an older one has done. */
export function continuableTable(tables: readonly JobTable[], record: JobRecord): JobTable {
  const table = tableOf(tables, record);
  const isKnown = table !== undefined && (table.version === record.job.version || table.continues.includes(record.job.version));
  if (!isKnown) throw new FarmError('JOB_OTHER_VERSION', versionsOf(table, record));
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
