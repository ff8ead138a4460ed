import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import type { CoreClient } from './core-client.ts';

/** Follows a job that was just begun until nobody works on it: it has ended, or waits for a person. `onChange` hears of each change. Throws when the link is lost: the job goes on. */
export async function untilSettled(core: CoreClient, begun: JobView, onChange: (job: JobView) => void = () => undefined): Promise<JobView> {
  let job = begun;
  onChange(job);
  for await (const next of await core.jobs.watch({ jobId: begun.id })) {
    job = next;
    onChange(job);
    if (isEndedState(job.state) || job.state === 'stopped' || job.state === 'paused') break;
  }
  return job;
}
