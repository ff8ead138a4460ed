import type { JobView } from '#contract/api/jobs.ts';
import { endOfJob } from './end-of-job.ts';
import { goTo, paths } from './go-to.ts';
import { type Call, useCall } from './use-call.ts';
import { useCore } from './use-core.ts';

/**
 * An act that is a short job, behind a dialog's button: busy until the job stands still, then it resolves with the job. Where that has not ended well,
 * its own page is opened, which says why and what leads on.
 */
export function useJobCall<A extends readonly unknown[]>(act: (requestKey: string, ...given: A) => Promise<JobView>): Call<A, JobView> {
  const core = useCore();
  return useCall(async (requestKey: string, ...given: A) => {
    const { job } = await endOfJob(core, await act(requestKey, ...given));
    if (job.state !== 'done') goTo(paths.job(job.id));
    return job;
  });
}
