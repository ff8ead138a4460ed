import { createSemaphore, type Semaphore } from '#kit/semaphore.ts';

/** How many steps of one kind may act at the same time on one object; a kind that is not named is not limited. */
const mostOf: Readonly<Record<string, number>> = { setup: 2, start: 2, package: 2 };

/**
 * Places for steps, by `<kind>@<object>`: two hundred creates are not two hundred set-ups on one server at once. In memory only, for comfort: what must
 * exclude each other is a row.
 */
export function createSlots(most: Readonly<Record<string, number>> = mostOf) {
  const places = new Map<string, Semaphore>();
  const placeOf = (slot: string): Semaphore | undefined => {
    const limit = most[slot.split('@')[0] ?? ''];
    if (limit === undefined) return undefined;
    const place = places.get(slot) ?? createSemaphore(limit);
    places.set(slot, place);
    return place;
  };
  const enter = async (place: Semaphore, signal: AbortSignal, onWait: () => void): Promise<() => void> => {
    signal.throwIfAborted();
    const now = place.tryEnter();
    if (now !== undefined) return now;
    onWait();
    const coming = place.enter();
    let leave = (): void => undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([coming, aborted]);
    } catch (error) {
      // The place that comes too late goes straight on.
      coming.then(
        (done) => done(),
        () => undefined,
      );
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };
  return {
    /** Resolves with what gives the places back. `onWait` is called when one is not free at once. Throws the signal's reason. */
    take: async (slots: readonly string[], signal: AbortSignal, onWait: () => void): Promise<() => void> => {
      const taken: (() => void)[] = [];
      const giveBack = (): void => {
        for (const leave of taken.splice(0)) leave();
      };
      try {
        // always in the same order, so that two steps never wait for each other
        for (const slot of [...new Set(slots)].sort()) {
          const place = placeOf(slot);
          if (place !== undefined) taken.push(await enter(place, signal, onWait));
        }
        return giveBack;
      } catch (error) {
        giveBack();
        throw error;
      }
    },
  };
}
export type Slots = ReturnType<typeof createSlots>;
