type Running<Result, Progress> = {
  readonly promise: Promise<Result>;
  readonly stop: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
  waiting: number;
  last: Progress | undefined;
};

/**
 * Work that several may ask for at the same time and that is done once. Each waits under a signal of its own; the work is aborted when the last one
 * has gone. Whoever comes in later is told at once how far it is.
 */
export function createShared<Result, Progress>() {
  const running = new Map<string, Running<Result, Progress>>();
  const begin = (
    key: string,
    work: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<Result>,
  ): Running<Result, Progress> => {
    const stop = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const tell = (progress: Progress): void => {
      entry.last = progress;
      for (const listener of listeners) listener(progress);
    };
    const promise = Promise.resolve()
      .then(() => work(stop.signal, tell))
      .finally(() => {
        if (running.get(key) === entry) running.delete(key);
      });
    promise.catch(() => undefined);
    const entry: Running<Result, Progress> = { promise, stop, listeners, waiting: 0, last: undefined };
    running.set(key, entry);
    return entry;
  };

  return {
    join: async (
      key: string,
      signal: AbortSignal,
      onProgress: ((progress: Progress) => void) | undefined,
      work: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<Result>,
    ): Promise<Result> => {
      signal.throwIfAborted();
      const entry = running.get(key) ?? begin(key, work);
      const listener = (progress: Progress): void => onProgress?.(progress);
      entry.waiting += 1;
      entry.listeners.add(listener);
      if (entry.last !== undefined) listener(entry.last);
      let leave = (): void => undefined;
      const aborted = new Promise<never>((_resolve, reject) => {
        leave = () => reject(signal.reason);
        signal.addEventListener('abort', leave, { once: true });
      });
      try {
        return await Promise.race([entry.promise, aborted]);
      } finally {
        signal.removeEventListener('abort', leave);
        entry.listeners.delete(listener);
        entry.waiting -= 1;
        if (entry.waiting === 0) {
          // Nobody may join what is being ended.
          if (running.get(key) === entry) running.delete(key);
          entry.stop.abort(signal.reason);
        }
      }
    },
  };
}
