import * as z from 'zod';
import type { Trace } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import type { Job } from '../../model/jobs/job.ts';
import type { JobTable, Step, StepContext } from '../../engine/job-table.ts';
import { described, dropFromServer, dropRoute, hasRoute, putRoute, routeTrace, rowTrace, serverTraces } from './agent-side.ts';
import { recordTraces, untilAnswered, untilForgotten } from './dns-answers.ts';
import { dropRecords, ownsRecords, putRecords } from './dns-records.ts';
import { isSharedOn } from './shared-packages.ts';
import { type InstanceJobDeps, lookAt, orIfAbsent, type PlacedSite, removeInput, type Site, siteOf } from './work.ts';

const seconds = 1000;
const key = (step: string) => (job: Job) => `${job.id}.${step}`;
const nothing = async (): Promise<readonly Trace[]> => [];

const known = z.object({
  port: z.string(),
  records: z.array(z.object({ type: z.string(), value: z.string() })),
});

/** What stood when the remove began: the row and the records will be gone when the proof asks for them. */
const knownOf = ({ memo }: Pick<StepContext, 'memo'>): z.infer<typeof known> =>
  known.safeParse(memo('check')).data ?? { port: 'unknown', records: [] };

/** The instance on its server; undefined when it never got one, or the server has left. */
async function placed(deps: InstanceJobDeps, context: Pick<StepContext, 'job' | 'memo'>): Promise<PlacedSite | undefined> {
  const site = await siteOf(deps, context);
  return site.server === undefined ? undefined : { ...site, server: site.server };
}

const wishOf = (job: Job) => removeInput.parse(job.input).wish;

/** The wish was saved together with the job; here everything that belongs to the instance is written down. */
function checkStep(deps: InstanceJobDeps): Step {
  return {
    name: 'check',
    timeoutMs: 30 * seconds,
    idempotencyKey: key('check'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async (context) => {
      const { instanceId } = removeInput.parse(context.job.input);
      const site = await placed(deps, context);
      if (site !== undefined) context.waitFor({ code: 'server', parameters: { server: site.server.name } });
      const instance = site === undefined ? undefined : await described(deps, site);
      const owned = await deps.store.ownedRecords.find({ instanceId });
      const before = knownOf(context);
      await context.remember({
        port: instance === undefined ? before.port : String(instance.port),
        records: owned.length === 0 ? before.records : owned.map(({ type, value }) => ({ type, value })),
      });
      return 'done';
    },
    isThere: async ({ job, memo }) => job.direction === 'forward' && known.safeParse(memo('check')).success,
    undo: async ({ job }) => {
      const { instanceId, wish } = removeInput.parse(job.input);
      await deps.rows.change(instanceId, { wish });
    },
    traces: async ({ job }) => {
      const { instanceId, name } = removeInput.parse(job.input);
      return [rowTrace(deps, name, (await deps.store.instances.get(instanceId)) !== undefined)];
    },
  };
}

/** `isThere` says that the step's work stands: here, that the route is gone. */
function routeStep(deps: InstanceJobDeps): Step {
  return {
    name: 'route',
    timeoutMs: 60 * seconds,
    idempotencyKey: key('route'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined) return 'skipped';
      context.waitFor({ code: 'route', parameters: { server: site.server.name } });
      await dropRoute(await deps.agents.client(site.server.id), site);
      return 'done';
    },
    isThere: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined) return context.job.direction === 'forward';
      const isGone = !(await hasRoute(await lookAt(deps, site.server), site));
      return context.job.direction === 'back' ? isGone && wishOf(context.job) !== 'made' : isGone;
    },
    undo: async (context) => {
      const site = await placed(deps, context);
      const wish = wishOf(context.job);
      // a create that never came that far had no route
      if (site === undefined || wish === 'made') return;
      const client = await deps.agents.client(site.server.id);
      const instance = await client.instances.describe({ instanceId: site.instanceId });
      await putRoute(deps, client, site, instance, wish === 'running' ? 'running' : wish === 'suspended' ? 'suspended' : 'broken');
    },
    traces: async (context) => {
      const site = await placed(deps, context);
      return site === undefined ? [] : [await routeTrace(deps, site)];
    },
  };
}

function dnsStep(deps: InstanceJobDeps): Step {
  const values = (context: StepContext): readonly string[] => knownOf(context).records.map(({ value }) => value);
  return {
    name: 'dns',
    timeoutMs: 120 * seconds,
    idempotencyKey: key('dns'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async (context) => {
      const site = await siteOf(deps, context);
      await dropRecords(deps, site, context);
      await untilForgotten(deps, site, values(context), context);
      return 'done';
    },
    isThere: async (context) => {
      const isGone = !(await ownsRecords(deps, await siteOf(deps, context)));
      return context.job.direction === 'back' ? isGone && values(context).length > 0 : isGone;
    },
    undo: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined || values(context).length === 0) return;
      await putRecords(deps, site, context);
      await untilAnswered(deps, site, context);
    },
    traces: async (context) => recordTraces(deps, await siteOf(deps, context), knownOf(context).records, context.signal),
  };
}

function stopStep(deps: InstanceJobDeps): Step {
  return {
    name: 'stop',
    timeoutMs: 180 * seconds,
    idempotencyKey: key('stop'),
    waiting: (job) => ({ code: 'stop', parameters: { name: job.subject.name } }),
    act: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined) return 'skipped';
      const client = await deps.agents.client(site.server.id);
      const stopped = await orIfAbsent(client.instances.stop({ instanceId: site.instanceId }, { signal: context.signal }));
      if (stopped !== undefined) deps.agents.saw(site.server.id, stopped);
      return 'done';
    },
    isThere: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined) return context.job.direction === 'forward';
      const instance = await described(deps, site);
      const isStopped = instance === undefined || instance.process.state === 'none';
      return context.job.direction === 'back' ? isStopped && wishOf(context.job) === 'running' : isStopped;
    },
    undo: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined || wishOf(context.job) !== 'running') return;
      context.waitFor({ code: 'start', parameters: { name: site.name } });
      const client = await deps.agents.client(site.server.id);
      deps.agents.saw(site.server.id, await client.instances.start({ instanceId: site.instanceId }, { signal: context.signal }));
    },
    traces: nothing,
  };
}

/** From its begin on the customer's data may be gone: there is only one way left. */
function folderStep(deps: InstanceJobDeps): Step {
  return {
    name: 'folder',
    isPastReturn: true,
    timeoutMs: 600 * seconds,
    idempotencyKey: key('folder'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined) return 'skipped';
      context.waitFor({ code: 'folder', parameters: { server: site.server.name } });
      await dropFromServer(deps, site);
      return 'done';
    },
    isThere: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined) return context.job.direction === 'forward';
      const traces = await serverTraces(deps, site, 'unknown');
      return context.job.direction === 'forward' && traces.every(({ isPresent }) => !isPresent);
    },
    undo: () => Promise.resolve(),
    traces: async (context) => {
      const site = await placed(deps, context);
      return site === undefined ? [] : serverTraces(deps, site, knownOf(context).port);
    },
  };
}

/** The package stays while anybody on the server needs it. */
function packageStep(deps: InstanceJobDeps): Step {
  const isNeeded = (site: PlacedSite): Promise<boolean> => isSharedOn(deps.store, site);
  return {
    name: 'package',
    timeoutMs: 120 * seconds,
    idempotencyKey: key('package'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined || (await isNeeded(site))) return 'skipped';
      context.waitFor({ code: 'folder', parameters: { server: site.server.name } });
      const { usedBy } = await deps.packages.removeFrom(site.server.id, site.packageId);
      await context.remember({ isKept: usedBy.length > 0 });
      return 'done';
    },
    isThere: async (context) => {
      const site = await placed(deps, context);
      if (site === undefined || context.memo('package').isKept === true || (await isNeeded(site)))
        return context.job.direction === 'forward';
      return context.job.direction === 'forward' && !(await deps.packages.isOn(site.server.id, site.packageId));
    },
    undo: () => Promise.resolve(),
    traces: nothing,
  };
}

function rowStep(deps: InstanceJobDeps): Step {
  return {
    name: 'row',
    timeoutMs: 30 * seconds,
    idempotencyKey: key('row'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async ({ job }) => {
      const { instanceId } = removeInput.parse(job.input);
      await deps.store.samples.removeSubject(instanceId);
      await deps.rows.remove(instanceId);
      deps.agents.forget(instanceId);
      deps.road.forget(instanceId);
      return 'done';
    },
    isThere: async ({ job }) =>
      job.direction === 'forward' && (await deps.store.instances.get(removeInput.parse(job.input).instanceId)) === undefined,
    undo: () => Promise.resolve(),
    traces: nothing,
  };
}

async function proofOf(deps: InstanceJobDeps, context: StepContext, site: Site): Promise<Trace[]> {
  const { records, port } = knownOf(context);
  const { instanceId } = site;
  const server = site.server === undefined ? undefined : { ...site, server: site.server };
  const found: Trace[] = [];
  if (server !== undefined) {
    context.waitFor({ code: 'proof', parameters: { server: server.server.name } });
    found.push(...(await serverTraces(deps, server, port)), await routeTrace(deps, server));
  }
  found.push(...(await recordTraces(deps, site, records, context.signal, 'all')));
  found.push(rowTrace(deps, site.name, (await deps.store.instances.get(instanceId)) !== undefined));
  return found;
}

/** Everybody is asked once more; the answers stay with the job as its proof list. */
function proofStep(deps: InstanceJobDeps): Step {
  return {
    name: 'proof',
    timeoutMs: 60 * seconds,
    idempotencyKey: key('proof'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async (context) => {
      const proof = await proofOf(deps, context, await siteOf(deps, context));
      await deps.store.transaction(async (tables) => {
        const saved = await tables.jobs.get(context.job.id);
        if (saved !== undefined) await tables.jobs.put({ ...saved, traces: proof });
      });
      const left = proof.find(({ isPresent }) => isPresent);
      if (left !== undefined)
        throw new FarmError('STILL_THERE', { name: context.job.subject.name, what: left.code, witness: left.witness });
      return 'done';
    },
    isThere: () => Promise.resolve(false),
    undo: () => Promise.resolve(),
    traces: nothing,
  };
}

/** From an instance to nothing, with a proof at the end. Until *folder* begins it can be undone; from there it can only be continued. */
export function createRemoveJob(deps: InstanceJobDeps): JobTable {
  const steps = [checkStep, routeStep, dnsStep, stopStep, folderStep, packageStep, rowStep, proofStep];
  return { type: 'remove', version: 1, continues: [], steps: steps.map((step) => step(deps)) };
}
