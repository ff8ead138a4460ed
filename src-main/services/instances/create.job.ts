import { isFarmError } from '#contract/errors.ts';
import { OutsideError } from '../../ports/probe.ts';
import type { JobTable, Step, StepContext } from '../../engine/job-table.ts';
import { checkStep, dnsStep, handOverStep, placeStep } from './create-farm-steps.ts';
import { packageStep, routeStep, setupStep, startStep } from './create-server-steps.ts';
import { visit } from './outside.ts';
import { addressOf, createdRow, firstWaitMs, type InstanceJobDeps, nextWaitMs, pause, placedSiteOf } from './work.ts';

const outsideTimeoutMs = 60_000;
/** Only looks, and looks again until the step's time is over; then the last thing that was seen is the cause. */
function outsideStep(deps: InstanceJobDeps): Step {
  return {
    name: 'outside',
    timeoutMs: outsideTimeoutMs + 10_000,
    idempotencyKey: (job) => `${job.id}.outside`,
    waiting: () => ({ code: 'check', parameters: {} }),
    act: async ({ job, signal, waitFor, memo }) => {
      const site = await placedSiteOf(deps, { job, memo });
      const row = await createdRow(deps, job);
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
    traces: () => Promise.resolve([]),
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
