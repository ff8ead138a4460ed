/**
 * Bodies may be as large as they like, but they must move: a visitor who sends or takes nothing for a while holds a connection, an upstream
 * connection and buffers that others need. One timer looks at all of them, so that a request costs no timer of its own.
 */
export type Paced = {
  /** Bytes moved so far in the direction that is being waited for. */
  readonly movedBytes: () => number;
  /** False while others are waited for. */
  readonly isAwaited?: () => boolean;
  readonly giveUp: () => void;
  /** Kept by the request over all its waits: one that takes a little now and then stays as old as it is. */
  readonly slowness: Slowness;
};

/** For how many looks a request has been waited for already. */
export class Slowness {
  looks = 0;
}

export type Pace = {
  /** Watches until the disposer is called. */
  readonly watch: (paced: Paced) => () => void;
  readonly close: () => void;
};

const lookEveryMs = 15_000;
const patientLooks = 3;
const leastBytesPerSecond = 64;
const highestFloor = 1024;
/** The floor doubles so often: after 45 s it is 128 bytes a second, after 3 minutes 1 KiB, and stays there. */
const looksPerStep = 3;

/** What must move in one look to count as a transfer, after so many looks. */
export const floorBytes = (looks: number): number =>
  Math.min(highestFloor, leastBytesPerSecond * 2 ** Math.floor(looks / looksPerStep)) * (lookEveryMs / 1000);

export function createPace(everyMs: number = lookEveryMs): Pace {
  const watched = new Map<Paced, { bytes: number; slowLooks: number }>();
  const timer = setInterval(() => {
    for (const [paced, seen] of watched) {
      const now = paced.movedBytes();
      const isAwaited = paced.isAwaited?.() ?? true;
      seen.slowLooks = isAwaited && now - seen.bytes < floorBytes(paced.slowness.looks) ? seen.slowLooks + 1 : 0;
      seen.bytes = now;
      if (isAwaited) paced.slowness.looks += 1;
      if (seen.slowLooks < patientLooks) continue;
      watched.delete(paced);
      paced.giveUp();
    }
  }, everyMs);
  timer.unref();
  return {
    watch: (paced) => {
      watched.set(paced, { bytes: paced.movedBytes(), slowLooks: 0 });
      return () => watched.delete(paced);
    },
    close: () => clearInterval(timer),
  };
}
