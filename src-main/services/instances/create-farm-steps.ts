import type { Trace } from '#contract/api/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import * as z from 'zod';
import type { Job } from '../../model/jobs/job.ts';
import type { Step } from '../../engine/job-table.ts';
import { rowTrace } from './agent-side.ts';
import { isLedByWildcard, recordTraces, untilAnswered, untilForgotten } from './dns-answers.ts';
import { dropRecords, ownsRecords, putRecords, recordsStand } from './dns-records.ts';
import { createInput, createdRow, type InstanceJobDeps, placedSiteOf, siteOf } from './work.ts';

const seconds = 1000;
const key = (step: string) => (job: Job) => `${job.id}.${step}`;
const nothing = async (): Promise<readonly Trace[]> => [];

/** Name, plan and settings were checked before the job was made; here that they still hold. Undone: the row goes, and a customer made with it. */
export function checkStep(deps: InstanceJobDeps): Step {
  return {
    name: 'check',
    timeoutMs: 30 * seconds,
    idempotencyKey: key('check'),
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async ({ job, memo }) => {
      const row = await createdRow(deps, job);
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
export function placeStep(deps: InstanceJobDeps): Step {
  return {
    name: 'place',
    timeoutMs: 60 * seconds,
    idempotencyKey: key('place'),
    waiting: () => ({ code: 'place', parameters: {} }),
    act: async ({ job, remember }) => {
      const { instanceId, packageId, planId, wanted } = createInput.parse(job.input);
      if ((await createdRow(deps, job)).serverId !== null) return 'done';
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

export function dnsStep(deps: InstanceJobDeps): Step {
  return {
    name: 'dns',
    timeoutMs: 120 * seconds,
    idempotencyKey: key('dns'),
    waiting: () => ({ code: 'save', parameters: {} }),
    act: async (context) => {
      const site = await placedSiteOf(deps, context);
      if (await isLedByWildcard(deps, site, context.signal)) return 'done';
      await putRecords(deps, site, context);
      await untilAnswered(deps, site, context);
      return 'done';
    },
    isThere: async ({ job, signal, memo }) => {
      if (job.direction === 'back') return ownsRecords(deps, await siteOf(deps, { job, memo }));
      const site = await placedSiteOf(deps, { job, memo });
      return (await recordsStand(deps, site, signal)) || isLedByWildcard(deps, site, signal);
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

export function handOverStep(deps: InstanceJobDeps): Step {
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
