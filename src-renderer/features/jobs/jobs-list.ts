import { isEndedState, type JobView } from '#contract/api/jobs.ts';
import { isJobActive } from '../../lib/say-job.ts';

export type JobsView = 'all' | 'active' | 'stopped' | 'ended';

/** Which jobs a view shows. Paused ones wait for a person, as stopped ones do. */
export const jobViews: Record<JobsView, (job: JobView) => boolean> = {
  all: () => true,
  active: isJobActive,
  stopped: (job) => job.state === 'stopped' || job.state === 'paused',
  ended: (job) => isEndedState(job.state),
};
export const isJobView = (text: string): text is JobsView => Object.hasOwn(jobViews, text);

/** The live jobs of the snapshot over the older list of the core: each once, newest first. */
export function mergeJobs(live: readonly JobView[], older: readonly JobView[]): readonly JobView[] {
  const all = new Map([...older, ...live].map((job) => [job.id, job]));
  return [...all.values()].sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
}

export function countsOf(jobs: readonly JobView[]): Record<JobsView, number> {
  const count = (view: JobsView): number => jobs.filter(jobViews[view]).length;
  return { all: jobs.length, active: count('active'), stopped: count('stopped'), ended: count('ended') };
}
