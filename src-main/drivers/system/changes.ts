import type { Change, Changes } from '../../ports/changes.ts';
import type { Log } from '../../ports/request.ts';

/** Announcements within this process, in the order in which they are made. A listener that throws is a bug of its own and stops nobody. */
export function createChanges(log: Log): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    announce: (change) => {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          log.bug(error, { change: change.kind });
        }
      }
    },
    on: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
