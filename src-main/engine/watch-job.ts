import { createWakeUp } from '#kit/wake-up.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { Changes } from '../ports/changes.ts';

type Watched = {
  readonly changes: Changes;
  readonly jobId: string;
  readonly read: () => Promise<JobView>;
  /** Nothing of this job will change any more. */
  readonly isOver: (view: JobView) => boolean;
};

/** The job now and after every change; a reader that is slower than the job gets the newest, not every one. */
export async function* watchJob(watched: Watched, signal?: AbortSignal): AsyncGenerator<JobView, void, void> {
  const news = createWakeUp(signal);
  const stop = watched.changes.on((changed) => {
    if (changed.kind === 'job' && changed.id === watched.jobId) news.poke();
  });
  try {
    do {
      news.clear();
      if (news.isOver()) return;
      const view = await watched.read();
      yield view;
      if (!news.hasNews() && watched.isOver(view)) return;
    } while (await news.next());
  } finally {
    stop();
    news.dispose();
  }
}
