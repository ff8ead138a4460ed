import type { JobId } from '#contract/ids.ts';
import type { Log } from '../ports/request.ts';
import type { Run } from './job-runner.ts';

type Entry = {
  /** Acts, until the job has ended, stopped or is paused. */
  readonly driving: Promise<void>;
  /** Then looks what exists. */
  readonly whole: Promise<void>;
  readonly abort: AbortController;
  readonly stopLooking: AbortController;
};

/** Which jobs this process works on now; `onFree` is told when it no longer works on one. One run a job; the next one waits for whatever an aborted step of the last left running. */
export function createRuns(log: Log, onFree: (jobId: JobId) => void) {
  const entries = new Map<JobId, Entry>();
  const stragglers = new Map<JobId, Set<Promise<unknown>>>();

  const start = (
    what: Pick<Run, 'jobId' | 'actor' | 'table'>,
    drive: (run: Run) => Promise<void>,
    look: (run: Run) => Promise<void>,
  ): void => {
    const { jobId } = what;
    const abort = new AbortController();
    const stopLooking = new AbortController();
    const run: Run = {
      ...what,
      cancel: abort.signal,
      stragglers: () => {
        const all = stragglers.get(jobId);
        return all && Promise.all(all);
      },
      onStraggler: (straggler) => {
        const all = stragglers.get(jobId) ?? new Set();
        stragglers.set(jobId, all.add(straggler));
        void straggler.finally(() => {
          all.delete(straggler);
          if (all.size === 0 && stragglers.get(jobId) === all) stragglers.delete(jobId);
        });
      },
    };
    // when the store itself fails, what is saved stays, and the next start of the core finds the job interrupted
    const report = (error: unknown): void => {
      log.bug(error, { job: jobId });
    };
    const driving = drive(run).catch(report);
    const whole = driving
      .then(() => look({ ...run, cancel: stopLooking.signal }))
      .catch(report)
      .finally(() => {
        if (entries.get(jobId)?.abort !== abort) return;
        entries.delete(jobId);
        onFree(jobId);
      });
    entries.set(jobId, { driving, whole, abort, stopLooking });
  };

  return {
    start,
    isBusy: (jobId: JobId): boolean => entries.has(jobId),
    /** Resolves once nothing of the job runs; a look is told to stop. */
    released: async (jobId: JobId): Promise<void> => {
      const entry = entries.get(jobId);
      await entry?.driving;
      entry?.stopLooking.abort();
      await entry?.whole;
    },
    settled: async (jobId: JobId): Promise<void> => {
      await entries.get(jobId)?.whole;
    },
    /** Resolves once the present step has let go, or was left to itself. */
    cancel: async (jobId: JobId, reason: Error): Promise<void> => {
      const entry = entries.get(jobId);
      entry?.abort.abort(reason);
      await entry?.driving;
    },
    close: async (reason: Error): Promise<void> => {
      const all = [...entries.values()];
      for (const entry of all) {
        entry.abort.abort(reason);
        entry.stopLooking.abort(reason);
      }
      await Promise.all(all.map((entry) => entry.whole));
    },
  };
}
