import { isGoingBack, type JobView } from '#contract/api/jobs.ts';
import { type AskedOf, aimsAt } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { ServerId } from '#contract/ids.ts';
import { refuseInhabited } from '../../checks/inhabited.ts';
import { type JobDefinition, use } from '../../effects/effect.ts';
import { notedIn, proof } from '../../engine/steps-of.ts';
import type { Job } from '../../model/jobs/job.ts';
import type { By } from '../../model/operators/by.ts';
import type { Server } from '../../model/servers/server.ts';
import type { JobPlan, OtherJobs } from '../../ports/job-plan.ts';
import type { Tables } from '../../ports/store.ts';
import { claimedWildcards } from './claimed-wildcards.ts';
import { planOn, type RemoveServerInput, removeServerInput, type ServerJobDeps, serverRowOf } from './server-job.ts';

type Asked = AskedOf<'remove-server'>;

/** The farm's own wildcard would lead to a stranger, at once or when the job is undone that takes it out. */
async function refuseWildcard(tables: Tables, server: Server): Promise<void> {
  const [domain] = await claimedWildcards(tables, server);
  if (domain !== undefined) throw new FarmError('SERVER_HAS_WILDCARD', { server: server.name, domain: domain.name });
}

/** Who holds the server. */
async function holder(tables: Pick<Tables, 'locks' | 'jobs'>, serverId: ServerId): Promise<Job | undefined> {
  const lock = await tables.locks.get(`server:${serverId}`);
  return lock === undefined ? undefined : tables.jobs.get(lock.jobId);
}

const isLeavingBy = (job: Pick<Job, 'type' | 'direction'>): boolean => aimsAt(job.type, 'takes-away', 'server') && !isGoingBack(job);
const isJoinGivenUpBy = (job: Pick<Job, 'type' | 'direction'>, { isGivenUp = false }: Asked): boolean =>
  isGivenUp && job.type === 'join-server' && isGoingBack(job);

/**
 * What the same act leads on where the row has gone already (see `already`), for whoever asks what that would change. Of a join that takes itself back the
 * agent is left, if it was ever paired; of a removal nothing, because its agent was told, or given up, before the row went.
 */
async function planUnlisted({ store }: ServerJobDeps, asked: Asked): Promise<JobPlan<RemoveServerInput> | undefined> {
  const { serverId, isGivenUp = false } = asked;
  const job = (await store.servers.get(serverId)) === undefined ? await holder(store, serverId) : undefined;
  if (job === undefined || !(isLeavingBy(job) || isJoinGivenUpBy(job, asked))) return undefined;
  const { name } = job.subject;
  const steps = isLeavingBy(job) ? [] : await store.jobSteps.find({ jobId: job.id });
  const key = steps.map(({ checkpoint }) => notedIn(checkpoint).keyFingerprint).find((noted) => typeof noted === 'string');
  return planOn(
    { id: serverId, name },
    {
      input: {
        serverId,
        name,
        address: String(job.input.address),
        isGivenUp,
        isListed: false,
        ...(key !== undefined && { keyFingerprint: key }),
      },
      within: () => Promise.reject(new FarmError('NOT_FOUND', { kind: 'server', name })),
    },
  );
}

/**
 * Marked in the transaction that refuses it while an instance, or room for one, names it: nothing is placed on it from then on. Throws `NOT_FOUND`; its
 * `within` also `SERVER_NOT_EMPTY`, and `SERVER_HAS_WILDCARD` unless its agent is given up.
 */
async function plan(deps: ServerJobDeps, asked: Asked): Promise<JobPlan<RemoveServerInput>> {
  const { store } = deps;
  const { serverId, isGivenUp = false } = asked;
  const unlisted = await planUnlisted(deps, asked);
  if (unlisted !== undefined) return unlisted;
  const found = await serverRowOf(store, serverId);
  const { name, address, keyFingerprint } = found;
  return planOn(found, {
    input: { serverId, name, address, keyFingerprint, isGivenUp, isListed: true },
    within: async (tables) => {
      const server = await tables.servers.get(serverId);
      if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name });
      await refuseInhabited(tables, serverId, server.name);
      if (!isGivenUp) await refuseWildcard(tables, server);
      await tables.servers.patch(serverId, { membership: isGivenUp ? 'given-up' : 'leaving' });
    },
  });
}

/**
 * Gives up the agent that a job waits for, saved before the job goes on. The agent of a join that takes itself back is given up with the join; that of a
 * server that leaves by its row, but not of one that is being taken back at this moment: it stays in the farm.
 */
function giveUp({ store }: ServerJobDeps, serverId: ServerId): Promise<void> {
  return store.transaction(async (tables) => {
    const job = await holder(tables, serverId);
    if (job === undefined) return;
    if (job.type === 'join-server' && isGoingBack(job)) await tables.jobs.put({ ...job, input: { ...job.input, isGivenUp: true } });
    const isLeaving = (await tables.servers.get(serverId))?.membership === 'leaving';
    if (isLeaving && !isGoingBack(job)) await tables.servers.patch(serverId, { membership: 'given-up' });
  });
}

/** Its removal that was begun before, unless that is being taken back; and with `isGivenUp` its join that is. */
async function already(deps: ServerJobDeps, asked: Asked, by: By, jobs: OtherJobs): Promise<JobView | undefined> {
  const { serverId, isGivenUp = false } = asked;
  const lock = await deps.store.locks.get(`server:${serverId}`);
  const job = lock === undefined ? undefined : await jobs.get(lock.jobId);
  if (job === undefined) return undefined;
  if (!isLeavingBy(job) && !isJoinGivenUpBy(job, asked)) return undefined;
  if (isGivenUp) await giveUp(deps, serverId);
  return job.state === 'stopped' || job.state === 'paused' ? jobs.continue(job.id, by) : jobs.get(job.id);
}

/**
 * An empty server leaves the farm: marked first, so that nothing is placed on it any more; then its agent is told, then it is forgotten. From when its
 * agent is told it can only be continued: a key that was given up comes back by a new code alone.
 */
export function createRemoveServerJob(deps: ServerJobDeps): JobDefinition<RemoveServerInput> {
  const { effects, store } = deps;
  return {
    type: 'remove-server',
    version: 1,
    continues: [],
    begin: { plan: (asked) => plan(deps, asked), already: (asked, by, jobs) => already(deps, asked, by, jobs) },
    read: (input) => removeServerInput.parse(input),
    parts: (i) => {
      // A person may give it up while this waits. Its row goes only after its agent was told or given up: whoever is asked later need not answer.
      const agent = async () => {
        const row = await store.servers.get(i.serverId);
        return { ...i, isGivenUp: i.isGivenUp || row === undefined || row.membership === 'given-up' };
      };
      const listed = () => (i.isListed ? i : undefined);
      const parts = [
        use('check', effects.row).ensure(
          listed,
          async () => ({ membership: (await agent()).isGivenUp ? ('given-up' as const) : ('leaving' as const) }),
          { before: { membership: 'in' }, isWithJob: true },
        ),
        use('leave', effects.membership).remove(agent),
        use('row', effects.row).remove(listed, { isNoReturn: true }),
      ];
      return [...parts, proof(parts, i.name)];
    },
  };
}
