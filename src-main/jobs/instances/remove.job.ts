import type { JobView } from '#contract/api/jobs.ts';
import { aimsAt } from '#contract/catalogue/jobs.ts';
import type { InstanceId } from '#contract/ids.ts';
import { untilAnswered, untilForgotten } from '../../checks/dns-answers.ts';
import { presentAddresses } from '../../checks/present-addresses.ts';
import { rowFor, rowOf } from '../../checks/sensible-act.ts';
import { siteOf } from '../../checks/site.ts';
import { type JobDefinition, look, use } from '../../effects/effect.ts';
import { notLooked } from '../../effects/following-record.ts';
import { everOurs, type RecordFacts, type RecordWanted } from '../../effects/record.ts';
import { proof } from '../../engine/steps-of.ts';
import type { Instance } from '../../model/instances/instance.ts';
import type { By } from '../../model/operators/by.ts';
import type { OtherJobs } from '../../ports/job-plan.ts';
import { type InstanceJobDeps, on, type RemoveInput, removeInput } from './instance-job.ts';
import { readOldRemove } from './old-checkpoints.ts';
import { planOn } from './plan-on.ts';

/** In the proof: from the machine outwards, the farm's own entry last. */
const proofOrder = ['process', 'port', 'folder', 'user', 'log', 'route', 'record', 'wildcard', 'only-wildcard', 'package', 'row'];

const inputOf = ({ id, name, domainId, packageId, planId, serverId, desired }: Instance): RemoveInput => ({
  instanceId: id,
  name,
  domainId,
  packageId,
  planId,
  serverId,
  wish: desired === 'removed' ? 'made' : desired,
});

/** A create that waits for somebody to choose is chosen for: what it made goes away by its own undo. */
async function undoneCreate({ store }: InstanceJobDeps, id: InstanceId, by: By, jobs: OtherJobs): Promise<JobView | undefined> {
  const lock = await store.locks.get(`instance:${id}`);
  if (lock === undefined) return undefined;
  const job = await jobs.get(lock.jobId);
  if (!aimsAt(job.type, 'makes', 'instance') || job.subject.id !== id) return undefined;
  return job.state === 'stopped' || job.state === 'paused' ? jobs.undo(job.id, by) : undefined;
}

/** From an instance to nothing, with a proof at the end. Once data is being taken away it can only be continued. */
export function createRemoveJob(deps: InstanceJobDeps): JobDefinition<RemoveInput> {
  const { effects } = deps;
  return {
    type: 'remove',
    version: 2,
    continues: [1],
    begin: {
      plan: async ({ instanceId }) => {
        const row = await rowOf(deps, instanceId);
        return planOn(deps, row, { type: 'remove', input: inputOf(row), desired: 'removed' });
      },
      refuse: async ({ instanceId }) => {
        await rowFor(deps, instanceId, 'remove');
        return undefined;
      },
      already: ({ instanceId }, by, jobs) => undoneCreate(deps, instanceId, by, jobs),
    },
    read: (input) => removeInput.parse(input),
    convert: readOldRemove,
    parts: (i) => {
      const at = () => on(i, i.serverId);
      // its server may have got other addresses while this stood still
      const undoTo = (before: RecordFacts) => (before.records.length === 0 ? 'absent' : standsNow(deps, i, before));
      const record = use('dns', effects.record).remove(() => i, { undoTo });
      const parts = [
        // undone after the row: a job that takes the wildcard out and begins then finds the instance desired and locked; one that began before is seen here
        use('check', effects.following).ensure(at, () => ({}), { before: notLooked, undoTo: () => ({ mustBeFound: true }) }),
        use('check', effects.row).ensure(
          () => i,
          () => ({ desired: 'removed' }),
          { before: { desired: i.wish }, isWithJob: true },
        ),
        use('route', effects.route).remove(at),
        record,
        look(
          'dns',
          { timeoutMs: 120_000, waiting: { code: 'save', parameters: {} } },
          async (s, call) =>
            untilForgotten(
              deps,
              await siteOf(deps, i),
              everOurs(s.of(record)).map(({ value }) => value),
              call,
            ),
          async (s, call) => {
            const { before } = s.of(record);
            if (typeof before !== 'object' || before.records.length === 0) return;
            const { addresses } = await standsNow(deps, i, before);
            await untilAnswered(deps, await siteOf(deps, i), addresses, call);
          },
        ),
        use('stop', effects.process).ensure(at, () => ({ run: 'stopped' })),
        use('folder', effects.files).remove(at),
        use('package', effects.pack).remove(at),
        use('row', effects.row).remove(() => i),
      ];
      return [...parts, proof(parts, i.name, { order: proofOrder })];
    },
  };
}

/** Where the name of an instance that is not removed after all is to lead: one without a server, to where it led before. */
async function standsNow(deps: InstanceJobDeps, i: RemoveInput, before: RecordFacts): Promise<RecordWanted> {
  const at = on(i, i.serverId);
  return at === undefined ? { addresses: before.records.map(({ value }) => value), server: '' } : presentAddresses(deps, at);
}
