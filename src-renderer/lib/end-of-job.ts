import { isSettledState, type JobView } from '#contract/api/jobs.ts';
import type { RunAct } from '#contract/catalogue/jobs.ts';
import type { Failure } from '#contract/errors.ts';
import type { InstanceId } from '#contract/ids.ts';
import type { CoreClient } from './core-client.ts';
import { followStream } from './follow-stream.ts';

/** What a job came to; `failure`: why it did not come to its end, or why nobody could be asked any more. */
export type JobEnd = { readonly job: JobView; readonly failure: Failure | undefined };

const endOf = (job: JobView, cause?: Failure): JobEnd => ({ job, failure: cause ?? job.failure });

/** Follows a job until nobody works on it any more; `onChange` hears of it as it is, and of each change. A stream that is cut is opened again; it never rejects. */
export function endOfJob(core: CoreClient, begun: JobView, onChange: (job: JobView) => void = () => undefined): Promise<JobEnd> {
  onChange(begun);
  if (isSettledState(begun.state)) return Promise.resolve(endOf(begun));
  return new Promise((resolve) => {
    let last = begun;
    const stop = followStream<JobView>({
      open: (options) => core.jobs.watch({ jobId: begun.id }, options),
      onEvent: (job) => {
        last = job;
        onChange(job);
        if (isSettledState(job.state)) end();
        return undefined;
      },
      onState: (state) => {
        if (state.kind === 'refused') end(state.failure);
        if (state.kind === 'ended') end();
      },
    });
    const end = (cause?: Failure): void => {
      resolve(endOf(last, cause));
      stop();
    };
  });
}

/** Begins an act on an instance and waits for its end. Rejects when there is no job of it. */
export async function actOnInstance(core: CoreClient, act: RunAct, instanceId: InstanceId, requestKey: string): Promise<JobEnd> {
  return endOfJob(core, await core.instances[act]({ requestKey, instanceId }));
}
