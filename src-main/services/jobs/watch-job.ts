import type { JobView } from '#contract/api/jobs.ts';
import type { Changes } from '../../ports/changes.ts';

type Watched = {
  readonly changes: Changes;
  readonly jobId: string;
  readonly read: () => Promise<JobView>;
  /** Nothing of this job will change any more. */
  readonly isOver: (view: JobView) => boolean;
};

/** The job now and after every change; a reader that is slower than the job gets the newest, not every one. */
export async function* watchJob(watched: Watched, signal?: AbortSignal): AsyncGenerator<JobView, void, void> {
  let isStale = false;
  let wake: (() => void) | undefined;
  const poke = (): void => {
    isStale = true;
    wake?.();
  };
  const stop = watched.changes.on((changed) => {
    if (changed.kind === 'job' && changed.id === watched.jobId) poke();
  });
  signal?.addEventListener('abort', poke, { once: true });
  try {
    while (signal?.aborted !== true) {
      isStale = false;
      const view = await watched.read();
      yield view;
      if (!isStale && watched.isOver(view)) return;
      if (!isStale) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', poke);
  }
}
