/**
 * Bodies may be as large as they like, but they must move: a visitor who sends or takes nothing for a while holds a connection, an upstream
 * connection and buffers that others need. One timer looks at all of them, so that a request costs no timer of its own.
 */
export type Paced = {
  /** Bytes moved so far in the direction that is being waited for. */
  readonly movedBytes: () => number;
  readonly giveUp: () => void;
};

export type Pace = {
  /** Watches until the disposer is called. */
  readonly watch: (paced: Paced) => () => void;
  readonly close: () => void;
};

const lookEveryMs = 15_000;
/** Slower than this over one look is no transfer: 64 bytes a second. */
const leastBytesPerLook = (lookEveryMs / 1000) * 64;
const patientLooks = 3;

export function createPace(everyMs: number = lookEveryMs): Pace {
  const watched = new Map<Paced, { bytes: number; slowLooks: number }>();
  const timer = setInterval(() => {
    for (const [paced, seen] of watched) {
      const now = paced.movedBytes();
      seen.slowLooks = now - seen.bytes < leastBytesPerLook ? seen.slowLooks + 1 : 0;
      seen.bytes = now;
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
