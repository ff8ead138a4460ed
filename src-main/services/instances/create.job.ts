import type { Trace } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { sha256 } from '#contract/ids.ts';
import * as z from 'zod';
import type { Instance } from '../../model/instances/instance.ts';
import type { Job } from '../../model/jobs/job.ts';
import { OutsideError } from '../../ports/probe.ts';
import type { JobTable, Step, StepContext } from '../jobs/job-table.ts';
import { described, dropFromServer, dropRoute, hasRoute, putRoute, routeTrace, rowTrace, serverTraces } from './agent-side.ts';
import { dropRecords, ownsRecords, putRecords, recordsStand, recordTraces, untilAnswered, untilForgotten } from './dns-records.ts';
import { visit } from './outside.ts';
import { valuesOf } from './parameters.ts';
import { isSharedOn } from './shared-packages.ts';
import {
  addressOf,
  createInput,
  firstWaitMs,
  type InstanceJobDeps,
  lookAt,
  nextWaitMs,
  orIfAbsent,
  pause,
  placedSiteOf,
  siteOf,
} from './work.ts';

const seconds = 1000;
const key = (step: string) => (job: Job) => `${job.id}.${step}`;
const nothing = async (): Promise<readonly Trace[]> => [];

/** The instance's row. Throws `NOT_FOUND` when somebody took it away. */
async function rowOf(deps: InstanceJobDeps, job: Job): Promise<Instance> {
  const { instanceId, name } = createInput.parse(job.input);
  const row = await deps.store.instances.get(instanceId);
  if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
  return row;
}

/** Name, plan and settings were checked before the job was made; here that they still hold. Undone: the row goes, and a customer made with it. */
function checkStep(deps: InstanceJobDeps): Step {
  return {
    name: 'check',
    timeoutMs: 30 * seconds,
    idempotencyKey: key('check'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async ({ job, memo }) => {
      const row = await rowOf(deps, job);
      await siteOf(deps, { job, memo });
      const { manifest } = await deps.packages.manifest(row.packageId);
      const plan = await deps.store.plans.get(row.planId);
      if (plan === undefined || plan.packageId !== manifest.id)
        throw new FarmError('PLAN_NOT_OF_PACKAGE', { plan: plan?.key ?? row.planId, packageId: manifest.id });
      return 'done';
    },
    isThere: async ({ job }) => (await deps.store.instances.get(createInput.parse(job.input).instanceId)) !== undefined,
    undo: async ({ job }) => {
      const { instanceId, newCustomerId } = createInput.parse(job.input);
      await deps.store.transaction(async (tables) => {
        await tables.instances.remove(instanceId);
        if (newCustomerId === undefined) return;
        const others = await tables.instances.find({ customerId: newCustomerId });
        if (others.length === 0) await tables.customers.remove(newCustomerId);
      });
      await deps.store.samples.removeSubject(instanceId);
      deps.agents.forget(instanceId);
      deps.road.forget(instanceId);
      await deps.rows.announce(instanceId);
      if (newCustomerId !== undefined) deps.changes.announce({ kind: 'customer', id: newCustomerId });
    },
    traces: async ({ job }) => {
      const { instanceId, name } = createInput.parse(job.input);
      return [rowTrace(deps, name, (await deps.store.instances.get(instanceId)) !== undefined)];
    },
  };
}

/** The row's server is the reservation: it is written before the next choice begins. */
function placeStep(deps: InstanceJobDeps): Step {
  return {
    name: 'place',
    timeoutMs: 60 * seconds,
    idempotencyKey: key('place'),
    waiting: () => ({ code: 'place', parameters: {} }),
    act: async ({ job, remember }) => {
      const { instanceId, packageId, planId, wanted } = createInput.parse(job.input);
      if ((await rowOf(deps, job)).serverId !== null) return 'done';
      const tell = (placement: unknown): Promise<void> =>
        deps.store.transaction(async (tables) => {
          const saved = await tables.jobs.get(job.id);
          if (saved !== undefined) await tables.jobs.put({ ...saved, placement });
        });
      await deps.placement.choose({ packageId, planId, instanceId, wanted, tell }, async ({ serverId }) => {
        await deps.rows.change(instanceId, { serverId });
        await remember({ serverId });
      });
      return 'done';
    },
    isThere: async ({ job }) => (await deps.store.instances.get(createInput.parse(job.input).instanceId))?.serverId != null,
    undo: async ({ job }) => {
      await deps.rows.change(createInput.parse(job.input).instanceId, { serverId: null });
    },
    traces: nothing,
  };
}

function dnsStep(deps: InstanceJobDeps): Step {
  return {
    name: 'dns',
    timeoutMs: 120 * seconds,
    idempotencyKey: key('dns'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async (context) => {
      const site = await placedSiteOf(deps, context);
      await putRecords(deps, site, context);
      await untilAnswered(deps, site, context);
      return 'done';
    },
    isThere: async ({ job, signal, memo }) => {
      if (job.direction === 'back') return ownsRecords(deps, await siteOf(deps, { job, memo }));
      return recordsStand(deps, await placedSiteOf(deps, { job, memo }), signal);
    },
    undo: async (context) => {
      const site = await siteOf(deps, context);
      const values = (await deps.store.ownedRecords.find({ instanceId: site.instanceId })).map(({ value }) => value);
      // remembered first: after a kill between the two, the name servers are still asked for what we took out
      const remembered = z.array(z.string()).safeParse(context.memo('dns').values).data ?? [];
      const all = [...new Set([...remembered, ...values])];
      if (all.length === 0) return;
      await context.remember({ values: all });
      await dropRecords(deps, site, context);
      await untilForgotten(deps, site, all, context);
    },
    traces: async ({ job, signal, memo }) => {
      const site = await siteOf(deps, { job, memo });
      const owned = await deps.store.ownedRecords.find({ instanceId: site.instanceId });
      const gone = z.array(z.string()).safeParse(memo('dns').values).data ?? [];
      const records = [...owned, ...gone.map((value) => ({ type: value.includes(':') ? 'AAAA' : 'A', value }))];
      return recordTraces(deps, site, records, signal);
    },
  };
}

/** `wasOn`: whether it was on the server before this job first looked; only what this job brought is taken away again. */
function packageStep(deps: InstanceJobDeps): Step {
  const isOurs = async ({ job, memo }: StepContext): Promise<boolean> => {
    const site = await placedSiteOf(deps, { job, memo });
    const { wasOn, isKept } = memo('package');
    return wasOn === false && isKept !== true && !(await isSharedOn(deps.store, site));
  };
  return {
    name: 'package',
    timeoutMs: 600 * seconds,
    idempotencyKey: key('package'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async (context) => {
      const { server, packageId } = await placedSiteOf(deps, context);
      context.waitFor({ code: 'package', parameters: { server: server.name } });
      if (context.memo('package').wasOn === undefined) await context.remember({ wasOn: await deps.packages.isOn(server.id, packageId) });
      const brought = await deps.packages.ensureOn(server.id, packageId, {
        signal: context.signal,
        onProgress: ({ sentBytes, totalBytes }) => {
          const percent = totalBytes > 0 ? Math.floor((sentBytes / totalBytes) * 100) : 100;
          context.waitFor({ code: 'package-send', parameters: { server: server.name, percent } });
        },
      });
      await context.remember({ manifestHash: brought.manifestHash, payload: brought.payload.sha256 });
      return 'done';
    },
    isThere: async (context) => {
      const { server, packageId } = await placedSiteOf(deps, context);
      if (context.job.direction === 'back' && !(await isOurs(context))) return false;
      return deps.packages.isOn(server.id, packageId);
    },
    undo: async (context) => {
      if (!(await isOurs(context))) return;
      const { server, packageId } = await placedSiteOf(deps, context);
      const { usedBy } = await deps.packages.removeFrom(server.id, packageId);
      // somebody whom we do not know uses it now: then it is no longer ours to take away
      if (usedBy.length > 0) await context.remember({ isKept: true });
    },
    traces: async (context) => {
      const { server, packageId } = await placedSiteOf(deps, context);
      if (!(await isOurs(context))) return [];
      const isPresent = await deps.packages.isOn(server.id, packageId);
      const parameters = { server: server.name, package: packageId };
      return [{ code: 'package', parameters, isPresent, checkedAtMs: deps.clock.nowMs(), witness: server.name }];
    },
  };
}

const broughtMemo = z.object({ manifestHash: sha256, payload: sha256 });

/** Folder, user, port, files and set-up commands, by the server's agent. */
function setupStep(deps: InstanceJobDeps): Step {
  return {
    name: 'setup',
    timeoutMs: 660 * seconds,
    idempotencyKey: key('setup'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async (context) => {
      const site = await placedSiteOf(deps, context);
      context.waitFor({ code: 'setup', parameters: { server: site.server.name } });
      const row = await rowOf(deps, context.job);
      const plan = await deps.store.plans.get(row.planId);
      if (plan === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: row.planId });
      const { memoryBytes, cpuMillicores, diskBytes } = plan;
      const client = await deps.agents.client(site.server.id);
      const spec = {
        instanceId: site.instanceId,
        name: site.name,
        host: site.host,
        url: addressOf(site),
        ...broughtMemo.parse(context.memo('package')),
        limits: { memoryBytes, cpuMillicores, diskBytes },
        parameters: { ...(await valuesOf(deps.secrets, row)) },
      };
      const made = await client.instances.create(spec, { signal: context.signal });
      await context.remember({ port: String(made.port), folder: made.folder, user: made.user });
      deps.agents.saw(site.server.id, made);
      return 'done';
    },
    isThere: async ({ job, memo }) => (await described(deps, await placedSiteOf(deps, { job, memo }))) !== undefined,
    undo: async ({ job, waitFor, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      waitFor({ code: 'folder', parameters: { server: site.server.name } });
      await dropFromServer(deps, site);
      deps.agents.forget(site.instanceId);
    },
    traces: async ({ job, memo }) => serverTraces(deps, await placedSiteOf(deps, { job, memo }), String(memo('setup').port ?? 'unknown')),
  };
}

/** Resolves when the application's health answer is good, as its agent sees it. */
function startStep(deps: InstanceJobDeps): Step {
  return {
    name: 'start',
    // the agent keeps the manifest's own limit, which is at most ten minutes
    timeoutMs: 660 * seconds,
    idempotencyKey: key('start'),
    waiting: (job) => ({ code: 'start', parameters: { name: job.subject.name } }),
    act: async ({ job, signal, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      const client = await deps.agents.client(site.server.id);
      const { instanceId } = site;
      deps.agents.saw(site.server.id, await client.instances.start({ instanceId }, { signal }));
      return 'done';
    },
    isThere: async ({ job, memo }) => {
      const instance = await described(deps, await placedSiteOf(deps, { job, memo }));
      if (job.direction === 'back') return instance !== undefined && instance.process.state !== 'none';
      return instance?.process.state === 'running' && instance.health !== 'unhealthy';
    },
    undo: async ({ job, waitFor, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      waitFor({ code: 'stop', parameters: { name: site.name } });
      const client = await deps.agents.client(site.server.id);
      const stopped = await orIfAbsent(client.instances.stop({ instanceId: site.instanceId }));
      if (stopped !== undefined) deps.agents.saw(site.server.id, stopped);
    },
    traces: nothing,
  };
}

function routeStep(deps: InstanceJobDeps): Step {
  return {
    name: 'route',
    timeoutMs: 60 * seconds,
    idempotencyKey: key('route'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async ({ job, waitFor, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      waitFor({ code: 'route', parameters: { server: site.server.name } });
      await deps.certificates.ensureOn(site.server.id, site.domain.id);
      const client = await deps.agents.client(site.server.id);
      await putRoute(deps, client, site, await client.instances.describe({ instanceId: site.instanceId }), 'running');
      return 'done';
    },
    isThere: async ({ job, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      const client = await lookAt(deps, site.server);
      if (job.direction === 'back') return hasRoute(client, site);
      const { routes } = await client.edge.routes();
      const instance = await orIfAbsent(client.instances.describe({ instanceId: site.instanceId }));
      const { certificates } = await client.certificates.list();
      return (
        routes.some((route) => route.host === site.host && route.state === 'running' && route.target.port === instance?.port) &&
        certificates.some(({ names }) => names.includes(`*.${site.domain.name}`))
      );
    },
    undo: async ({ job, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      await dropRoute(await deps.agents.client(site.server.id), site);
    },
    traces: async ({ job, memo }) => [await routeTrace(deps, await placedSiteOf(deps, { job, memo }))],
  };
}

const outsideTimeoutMs = 60 * seconds;
/** Only looks, and looks again until the step's time is over; then the last thing that was seen is the cause. */
function outsideStep(deps: InstanceJobDeps): Step {
  return {
    name: 'outside',
    timeoutMs: outsideTimeoutMs + 10 * seconds,
    idempotencyKey: key('outside'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async ({ job, signal, waitFor, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      const row = await rowOf(deps, job);
      const { manifest } = await deps.packages.manifest(row.packageId);
      const address = addressOf(site);
      waitFor({ code: 'outside', parameters: { address } });
      const untilMs = deps.clock.nowMs() + outsideTimeoutMs;
      for (let tries = 1, waitMs = firstWaitMs; ; tries += 1, waitMs = nextWaitMs(waitMs)) {
        try {
          const seen = await visit(deps, site, row, manifest, signal);
          deps.road.put(site.instanceId, seen.stones);
          return 'done';
        } catch (error) {
          const isFinal = !(error instanceof OutsideError) || deps.clock.nowMs() + waitMs >= untilMs;
          if (signal.aborted || isFinal) throw error;
          waitFor({ code: 'outside-again', parameters: { address, tries } });
          await pause(deps.clock, waitMs, signal);
        }
      }
    },
    isThere: () => Promise.resolve(false),
    undo: () => Promise.resolve(),
    traces: nothing,
  };
}

function handOverStep(deps: InstanceJobDeps): Step {
  return {
    name: 'handover',
    timeoutMs: 30 * seconds,
    idempotencyKey: key('handover'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async ({ job }) => {
      const { instanceId, name } = createInput.parse(job.input);
      const row = await deps.rows.change(instanceId, { wish: 'running' });
      if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'instance', name });
      return 'done';
    },
    isThere: async ({ job }) => (await deps.store.instances.get(createInput.parse(job.input).instanceId))?.wish === 'running',
    undo: async ({ job }) => {
      await deps.rows.change(createInput.parse(job.input).instanceId, { wish: 'made' });
    },
    traces: nothing,
  };
}

/** From a name to an address that was seen from outside. Each step can be repeated and undone; nothing is left of a create that was undone. */
export function createCreateJob(deps: InstanceJobDeps): JobTable {
  const steps = [checkStep, placeStep, dnsStep, packageStep, setupStep, startStep, routeStep, outsideStep, handOverStep];
  return { type: 'create', version: 1, continues: [], steps: steps.map((step) => withoutServer(deps, step(deps))) };
}

/** A step that never had a server has nothing to undo and nothing to show. */
function withoutServer(deps: InstanceJobDeps, step: Step): Step {
  const isNowhere = async (context: StepContext): Promise<boolean> => {
    try {
      await placedSiteOf(deps, context);
      return false;
    } catch (error) {
      if (isFarmError(error, 'NOT_FOUND')) return true;
      throw error;
    }
  };
  if (['check', 'place', 'dns', 'handover', 'outside'].includes(step.name)) return step;
  return {
    ...step,
    isThere: async (context) => !(await isNowhere(context)) && step.isThere(context),
    undo: async (context) => {
      if (!(await isNowhere(context))) await step.undo(context);
    },
    traces: async (context) => ((await isNowhere(context)) ? [] : step.traces(context)),
  };
}
