import type { ManualClock } from '../manual-clock.ts';
import type { Random } from './random.ts';

/** Every act begun by microtasks alone has come as far as it can. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** So many steps bring anything to its end, or it goes round in circles. */
const mostSteps = 200_000;

/**
 * Who waits at a border (a commit, a call to an agent or a name server) goes on when it is picked, one at a time; by a seed, so that a run can be had
 * again. Where nobody waits, time goes on to what comes next: nothing is waited for in real time.
 */
export function createTurns(random: Random, clock: ManualClock) {
  const waiting: (() => void)[] = [];
  const trace: string[] = [];
  let steps = 0;
  /** False: nobody waits, and no time is to come. */
  const step = async (): Promise<boolean> => {
    await settle();
    steps += 1;
    if (steps > mostSteps) throw new Error('it goes round in circles');
    if (waiting.length > 0) {
      const at = random.below(waiting.length);
      waiting.splice(at, 1)[0]?.();
      return true;
    }
    return clock.toNext();
  };
  const until = async (what: string, isSo: () => boolean, mostMs = 3 * 3_600_000): Promise<void> => {
    const endMs = clock.nowMs() + mostMs;
    for (;;) {
      await settle();
      if (isSo()) return;
      if (clock.nowMs() > endMs || !(await step())) throw new Error(`it did not come to be: ${what}`);
    }
  };
  return {
    /** Waits to be picked. `name` goes to the trace when it is. */
    turn: (name: string): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(() => {
          trace.push(name);
          resolve();
        });
      }),
    step,
    steps: async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 1) await step();
    },
    /** Steps until it is so; throws `what` when it does not come to be. `mostMs`: of the farm's own time. */
    until,
    /** Answers with what the work gives, and steps meanwhile. */
    during: async <Value>(work: Promise<Value>, what: string, mostMs?: number): Promise<Value> => {
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      work.then(over, over);
      await until(what, () => isOver, mostMs);
      return work;
    },
    /** Goes on for so long of the farm's time. */
    pass: async (forMs: number): Promise<void> => {
      const endMs = clock.nowMs() + forMs;
      clock.after(forMs, () => undefined);
      while (clock.nowMs() < endMs && (await step()));
    },
    /** Nobody waits any more, and nothing moves before time does. */
    still: async (): Promise<void> => {
      for (;;) {
        await settle();
        if (waiting.length === 0) return;
        await step();
      }
    },
    trace,
  };
}
export type Turns = ReturnType<typeof createTurns>;
