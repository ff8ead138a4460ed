import type { HomeSpace } from '#contract/agent/servers.ts';
import type { AgentClock, AgentLog } from '../ports.ts';
import type { Reserve } from '#kit/node/reserve.ts';

const lookMs = 10_000;
const mostFullBytes = 256 * 2 ** 20;

export type SpaceWatch = {
  readonly now: () => HomeSpace;
  /** Called when the disk became full, or has room again; returns its disposer. */
  readonly onChange: (listener: (space: HomeSpace) => void) => () => void;
  readonly close: () => void;
};

/** Full: less than a hundredth of the disk, at most 256 MiB, is free. It has room again at twice that, so that it does not flicker. */
export function isFullNow({ freeBytes, sizeBytes }: Pick<HomeSpace, 'freeBytes' | 'sizeBytes'>, wasFull: boolean): boolean {
  const limit = Math.min(mostFullBytes, sizeBytes / 100);
  return freeBytes < (wasFull ? 2 * limit : limit);
}

/** Watches the free bytes of the home's disk, and keeps the reserve whole while there is room. */
export function watchSpace(options: {
  readonly home: string;
  readonly reserve: Reserve;
  readonly clock: AgentClock;
  readonly log: AgentLog;
}): SpaceWatch {
  const { home, reserve, clock, log } = options;
  const listeners = new Set<(space: HomeSpace) => void>();
  let stopTimer = (): void => undefined;
  const measure = (before: HomeSpace | undefined): HomeSpace => {
    const seen = { freeBytes: reserve.freeBytes(), sizeBytes: reserve.sizeBytes() };
    const isFull = isFullNow(seen, before?.isFull === true);
    const sinceMs = before?.isFull === isFull ? before.sinceMs : clock.nowMs();
    return { path: home, ...seen, isFull, sinceMs };
  };
  let space = measure(undefined);
  const look = (): void => {
    try {
      const before = space;
      reserve.refill();
      space = measure(before);
      if (space.isFull !== before.isFull) {
        log.warn('home-space', { ...space, reserveBytes: reserve.heldBytes() });
        for (const listener of listeners) listener(space);
      }
    } catch (error) {
      log.warn('home-space-unknown', { cause: String(error) });
    }
    stopTimer = clock.after(lookMs, look);
  };
  reserve.refill();
  stopTimer = clock.after(lookMs, look);
  return {
    now: () => space,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => stopTimer(),
  };
}
