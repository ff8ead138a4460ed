import { isGoingBack } from '#contract/api/jobs.ts';
import { aimsAt } from '#contract/catalogue/jobs.ts';
import { untilAnswered } from '../checks/dns-answers.ts';
import { type InstanceRef, siteOf } from '../checks/site.ts';
import type { Effect } from './effect.ts';
import { claimRecords, createRecordEffect, type RecordDeps, type RecordFacts, type RecordWanted } from './record.ts';

/**
 * A record of its own for an instance that the domain's wildcard has led so far, answered by every name server. An instance that leaves meanwhile
 * looks for its records by itself; what was written after that look is taken out here.
 */
export function createOwnRecordEffect(deps: RecordDeps): Effect<InstanceRef, RecordWanted, RecordFacts> {
  const record = createRecordEffect(deps);
  const isTakenBack = async ({ instanceId }: InstanceRef): Promise<boolean> => {
    const lock = await deps.store.locks.get(`instance:${instanceId}`);
    const job = lock === undefined ? undefined : await deps.store.jobs.get(lock.jobId);
    return job !== undefined && aimsAt(job.type, 'makes', 'instance') && isGoingBack(job);
  };
  const isLeaving = async (ref: InstanceRef): Promise<boolean> => {
    const row = await deps.store.instances.get(ref.instanceId);
    return row === undefined || row.desired === 'removed' || row.serverId === null || isTakenBack(ref);
  };
  return {
    ...record,
    kind: 'own-record',
    // what the wildcard leads now, it will not lead then
    known: async (ref) => {
      const records = (await deps.store.ownedRecords.find({ instanceId: ref.instanceId })).map(({ type, value }) => ({ type, value }));
      if (await isLeaving(ref)) return 'place-gone';
      return records.length === 0 ? 'absent' : { records, stands: true, led: null };
    },
    observe: async (ref, call) => ((await isLeaving(ref)) ? 'place-gone' : record.observe(ref, call)),
    ensure: async (ref, wanted, seen, call) => {
      while (!(await isLeaving(ref))) {
        const made = await record.ensure(ref, wanted, seen, call);
        if (!(await isLeaving(ref))) {
          await untilAnswered(deps, await siteOf(deps, ref), wanted.addresses, call);
          return made;
        }
        // its own removal has looked already, and may have forgotten what was written after that look; it may be undone meanwhile
        await claimRecords(deps, ref, made);
        await record.remove(ref, made, call);
      }
      return { records: [], stands: true, led: null };
    },
  };
}
