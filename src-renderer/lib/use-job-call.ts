import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import type { CoreClient } from './core-client.ts';
import { goTo, paths } from './go-to.ts';
import { type Call, useCall } from './use-call.ts';
import { useCore } from './use-core.ts';

const standsStill = ({ state }: JobView): boolean => isEndedState(state) || state === 'stopped' || state === 'paused';

/** The job once nobody works on it any more. */
async function followed(core: CoreClient, begun: JobView): Promise<JobView> {
  let job = begun;
  if (standsStill(job)) return job;
  for await (const next of await core.jobs.watch({ jobId: job.id })) {
    job = next;
    if (standsStill(job)) break;
  }
  return job;
}

/**
 * An act that is a short job, behind a dialog's button: busy until the job stands still, then it resolves with the job. Where that has not ended well,
 * its own page is opened, which says why and what leads on.
 */
export function useJobCall<A extends readonly unknown[]>(act: (requestKey: string, ...given: A) => Promise<JobView>): Call<A, JobView> {
  const core = useCore();
  return useCall(async (requestKey: string, ...given: A) => {
    const job = await followed(core, await act(requestKey, ...given));
    if (job.state !== 'done') goTo(paths.job(job.id));
    return job;
  });
}
