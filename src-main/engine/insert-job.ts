import type { JobType } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { type FarmId, type Instant, jobId as jobIdSchema } from '#contract/ids.ts';
import type { Job, JobStep, JobSubject, Lock } from '../model/jobs/job.ts';
import { storyOfBegin } from '../model/jobs/audit-log.ts';
import { beginning } from '../model/jobs/machine.ts';
import { actorKey, type By } from '../model/operators/by.ts';
import type { Ids } from '../ports/ids.ts';
import type { Tables } from '../ports/store.ts';
import { type JobRecord, stepId } from './job-records.ts';
import { tell } from './audit-log.ts';
import type { JobTable } from './job-table.ts';

export type NewJob = {
  readonly type: JobType;
  readonly subject: JobSubject;
  readonly by: By;
  /** Plain JSON; secrets sealed. */
  readonly input: Readonly<Record<string, unknown>>;
  /** `<kind>:<object id>` of everything that nobody else may change meanwhile. */
  readonly locks: readonly string[];
  /** Written in the same transaction as the job; undone by the first step. Only the given tables are used, and nothing else is waited for. */
  readonly within?: (tables: Tables, job: Job) => Promise<void>;
};

export type Inserted = { readonly isNew: true; readonly record: JobRecord } | { readonly isNew: false; readonly job: Job };

/** The job that an earlier call with this key began. Throws `REQUEST_KEY_REUSED` when that was another kind of act. */
export async function findBegun(tables: Tables, farmId: FarmId, type: JobType, by: By): Promise<Job | undefined> {
  const rows = await tables.jobs.find({ farmId, requestKey: by.requestKey });
  const same = rows.find((row) => actorKey(row.actor) === actorKey(by.actor));
  if (same !== undefined && same.type !== type) throw new FarmError('REQUEST_KEY_REUSED', { key: by.requestKey });
  return same;
}

/** What is locked, as people call it: not every job that holds a lock has it for its subject. Where it has gone, the subject of that job is told. */
async function lockedObject(tables: Tables, { id, jobId }: Lock): Promise<{ readonly kind: string; readonly name: string }> {
  const [kind = '', objectId = ''] = id.split(/:(.*)/s);
  const named = { instance: tables.instances, server: tables.servers, domain: tables.domains, customer: tables.customers };
  const row = Object.hasOwn(named, kind) ? await named[kind as keyof typeof named].get(objectId) : undefined;
  return { kind, name: row?.name ?? (await tables.jobs.get(jobId))?.subject.name ?? objectId };
}

/** One job with its steps and locks, or the one that the same request key made before. Throws `OBJECT_BUSY` naming what is locked and the job that holds it. */
export async function insertJob(
  tables: Tables,
  place: { readonly farmId: FarmId; readonly id: string; readonly nowMs: Instant; readonly table: JobTable },
  request: NewJob,
  uuid: Ids['uuid'],
): Promise<Inserted> {
  const { farmId, nowMs, table } = place;
  const same = await findBegun(tables, farmId, request.type, request.by);
  if (same !== undefined) return { isNew: false, job: same };
  for (const id of request.locks) {
    const taken = await tables.locks.get(id);
    if (taken !== undefined) {
      throw new FarmError('OBJECT_BUSY', { ...(await lockedObject(tables, taken)), jobId: taken.jobId });
    }
  }
  const id = jobIdSchema.parse(place.id);
  const begun = beginning(table.steps.length);
  const job: Job = {
    id,
    farmId,
    type: request.type,
    version: table.version,
    subject: request.subject,
    actor: request.by.actor,
    requestKey: request.by.requestKey,
    state: begun.state,
    direction: begun.direction,
    input: request.input,
    failure: null,
    traces: [],
    placement: null,
    createdAtMs: nowMs,
    endedAtMs: null,
  };
  const steps = table.steps.map(
    (step, index): JobStep => ({
      id: stepId(id, index),
      farmId,
      jobId: id,
      index,
      name: step.name,
      outcome: begun.steps[index] ?? 'waiting',
      attempts: 0,
      startedAtMs: null,
      endedAtMs: null,
      waiting: null,
      failure: null,
      actor: request.by.actor,
      checkpoint: {},
    }),
  );
  await tables.jobs.insert(job);
  for (const step of steps) await tables.jobSteps.insert(step);
  for (const lock of request.locks) await tables.locks.insert({ id: lock, farmId, jobId: id, takenAtMs: nowMs });
  await request.within?.(tables, job);
  if (request.subject.kind === 'instance')
    await tell(tables, { farmId, instanceId: request.subject.id, nowMs, uuid }, storyOfBegin({ job, steps }));
  return { isNew: true, record: { job, steps } };
}
