import type { JobView } from '#contract/api/jobs.ts';
import type { JobId } from '#contract/ids.ts';
import { isEnded } from '../model/jobs/machine.ts';

/** Ended jobs from before the newest ones that somebody looks at, or that ended only now. */
const mostGuests = 64;

/** Ids rise with the time at which they were made (`ports/ids.ts`). */
export const newestIdFirst = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? 1 : -1);

/** Views of jobs in memory: all that have not ended, and of the others the newest `mostEnded` without a gap. */
export function createKeptViews(mostEnded: number) {
  const open = new Map<JobId, JobView>();
  const ended = new Map<JobId, JobView>();
  const guests = new Map<JobId, JobView>();
  let oldestId: JobId | undefined;
  let hasLeftOut = false;

  const findOldest = (): void => {
    oldestId = undefined;
    for (const id of ended.keys()) if (oldestId === undefined || id < oldestId) oldestId = id;
  };
  const putGuest = (view: JobView): void => {
    hasLeftOut = true;
    guests.delete(view.id);
    guests.set(view.id, view);
    const [first] = guests.keys();
    if (guests.size > mostGuests && first !== undefined) guests.delete(first);
  };
  const putEnded = (view: JobView): void => {
    const isFull = ended.size >= mostEnded && !ended.has(view.id);
    if (isFull && oldestId !== undefined && view.id < oldestId) {
      putGuest(view);
      return;
    }
    guests.delete(view.id);
    ended.set(view.id, view);
    if (isFull && oldestId !== undefined) {
      hasLeftOut = true;
      ended.delete(oldestId);
    }
    findOldest();
  };

  return {
    put: (view: JobView): void => {
      if (!isEnded(view.state)) {
        open.set(view.id, view);
        return;
      }
      open.delete(view.id);
      putEnded(view);
    },
    get: (id: JobId): JobView | undefined => open.get(id) ?? ended.get(id) ?? guests.get(id),
    newestFirst: (): JobView[] => [...open.values(), ...ended.values()].sort(newestIdFirst),
    /** False once one had to go: only the store knows them all. */
    hasEveryEnded: (): boolean => !hasLeftOut && ended.size < mostEnded,
    /** Is every job here that was made after this one? Before the oldest of those that ended there are gaps between the open ones. */
    hasEveryFrom: (id: JobId): boolean => oldestId !== undefined && id >= oldestId,
  };
}
