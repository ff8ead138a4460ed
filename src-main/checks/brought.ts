import type { JobType } from '#contract/catalogue/jobs.ts';
import type { Job } from '../model/jobs/job.ts';
import type { Tables } from '../ports/store.ts';

const bringers = { domain: 'add-domain', server: 'join-server' } as const satisfies Readonly<Record<string, JobType>>;

/**
 * The job that brings it into the farm, as long as that has not ended: until then it may be undone, whatever the row says already, and would take away what
 * others have begun to use. Asked inside the transaction that begins such a use, it holds for the rest of it.
 */
export async function broughtBy(tables: Pick<Tables, 'locks' | 'jobs'>, kind: keyof typeof bringers, id: string): Promise<Job | undefined> {
  const lock = await tables.locks.get(`${kind}:${id}`);
  const job = lock === undefined ? undefined : await tables.jobs.get(lock.jobId);
  return job?.type === bringers[kind] ? job : undefined;
}
