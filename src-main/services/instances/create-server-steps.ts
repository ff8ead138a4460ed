import type { Trace } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { sha256 } from '#contract/ids.ts';
import * as z from 'zod';
import type { Job } from '../../model/jobs/job.ts';
import type { Step, StepContext } from '../../engine/job-table.ts';
import { described, dropFromServer, dropRoute, hasRoute, putRoute, routeTrace, serverTraces } from './agent-side.ts';
import { valuesOf } from './parameters.ts';
import { isSharedOn } from './shared-packages.ts';
import { addressOf, createdRow, type InstanceJobDeps, lookAt, orIfAbsent, placedSiteOf } from './work.ts';

const seconds = 1000;
const key = (step: string) => (job: Job) => `${job.id}.${step}`;
const nothing = async (): Promise<readonly Trace[]> => [];

/** `wasOn`: whether it was on the server before this job first looked; only what this job brought is taken away again. */
export function packageStep(deps: InstanceJobDeps): Step {
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
export function setupStep(deps: InstanceJobDeps): Step {
  return {
    name: 'setup',
    timeoutMs: 660 * seconds,
    idempotencyKey: key('setup'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async (context) => {
      const site = await placedSiteOf(deps, context);
      context.waitFor({ code: 'setup', parameters: { server: site.server.name } });
      const row = await createdRow(deps, context.job);
      const plan = await deps.store.plans.get(row.planId);
      if (plan === undefined) throw new FarmError('NOT_FOUND', { kind: 'plan', name: row.planId });
      const { memoryBytes, cpuMillicores, diskBytes } = plan;
      const { hangSeconds } = (await deps.packages.manifest(row.packageId)).manifest.health;
      const client = await deps.agents.client(site.server.id);
      const spec = {
        instanceId: site.instanceId,
        name: site.name,
        host: site.host,
        url: addressOf(site),
        ...broughtMemo.parse(context.memo('package')),
        limits: { memoryBytes, cpuMillicores, diskBytes },
        parameters: { ...(await valuesOf(deps.secrets, row)) },
        ...(hangSeconds === undefined ? {} : { hangSeconds }),
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
export function startStep(deps: InstanceJobDeps): Step {
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

export function routeStep(deps: InstanceJobDeps): Step {
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
