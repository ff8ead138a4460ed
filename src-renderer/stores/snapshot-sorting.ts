import type { Mark } from '#contract/api/base.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { Alert } from '#contract/api/monitoring.ts';
import type { ServerView } from '#contract/api/servers.ts';

/** Remembers the answer for the newest input: selectors must give the same array while nothing changed. */
export function memoByInput<I, O>(of: (input: I) => O): (input: I) => O {
  let last: { readonly input: I; readonly output: O } | undefined;
  return (input) => {
    if (last === undefined || last.input !== input) last = { input, output: of(input) };
    return last.output;
  };
}

const order: Record<Mark, number> = { bad: 0, warning: 1, unknown: 2, working: 3, paused: 4, good: 5 };

/** By name as people sort: *Oak 2* before *Oak 10*. */
export function sortedServers(servers: ReadonlyMap<string, ServerView>): readonly ServerView[] {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return [...servers.values()].sort((a, b) => collator.compare(a.name, b.name));
}

/** Newest first; ids sort by the time they were made. */
export function sortedJobs(jobs: ReadonlyMap<string, JobView>): readonly JobView[] {
  return [...jobs.values()].sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
}

/** Worst first, then newest. */
export function sortedAlerts(alerts: ReadonlyMap<string, Alert>): readonly Alert[] {
  return [...alerts.values()].sort((a, b) => order[a.mark] - order[b.mark] || b.sinceMs - a.sinceMs || (a.id < b.id ? -1 : 1));
}
