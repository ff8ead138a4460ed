import type { JobView } from '#contract/api/jobs.ts';
import { serverId } from '#contract/ids.ts';
import type { Failure } from '#contract/errors.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';

export type Act = { readonly isBusy: boolean; readonly run: () => void };
export type JobActs = {
  readonly pause: Act;
  readonly cancel: Act;
  readonly continue: Act;
  readonly undo: Act;
  /** Of what waits for an agent that may never answer: goes on without it. */
  readonly giveUp: Act;
  /** Any act is on its way: the others wait. */
  readonly isBusy: boolean;
  readonly failure: Failure | undefined;
};

/** The acts on a job. `onAnswer` gets the job as it is afterwards, before the stream tells of it. */
export function useJobActs(job: JobView | undefined, onAnswer: (job: JobView) => void): JobActs {
  const core = useCore();
  const jobId = job?.id;
  const pause = useCall((requestKey, id: JobView['id']) => core.jobs.pause({ requestKey, jobId: id }));
  const cancel = useCall((requestKey, id: JobView['id']) => core.jobs.cancel({ requestKey, jobId: id }));
  const goOn = useCall((requestKey, id: JobView['id']) => core.jobs.continue({ requestKey, jobId: id }));
  const undo = useCall((requestKey, id: JobView['id']) => core.jobs.undo({ requestKey, jobId: id }));
  const giveUp = useCall((requestKey, _id: JobView['id']) =>
    core.servers.remove({ requestKey, serverId: serverId.parse(job?.subject.id), isGivenUp: true }),
  );
  const calls = [pause, cancel, goOn, undo, giveUp];
  const isBusy = calls.some((call) => call.isBusy);
  const actOf = (call: typeof pause): Act => ({
    isBusy: call.isBusy,
    run: () => {
      if (jobId === undefined || isBusy) return;
      for (const other of calls) other.clear();
      void call.run(jobId).then((answer) => {
        if (answer !== undefined) onAnswer(answer);
      });
    },
  });
  return {
    pause: actOf(pause),
    cancel: actOf(cancel),
    continue: actOf(goOn),
    undo: actOf(undo),
    giveUp: actOf(giveUp),
    isBusy,
    failure: calls.find((call) => call.failure !== undefined)?.failure,
  };
}
