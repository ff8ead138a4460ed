/** A stream that any number may follow: what is pushed reaches everybody who listens now. */
export function createFakeStream<Value>() {
  const listeners = new Set<(value: Value) => void>();
  const enders = new Set<() => void>();
  return {
    /** Everybody who listens now gets to the end of it. */
    end: (): void => {
      for (const end of [...enders]) end();
    },
    push: (value: Value): void => {
      for (const listener of listeners) listener(value);
    },
    follow: async function* (first: readonly Value[], signal: AbortSignal | undefined): AsyncGenerator<Value, void, void> {
      const waiting: Value[] = [...first];
      let wake = (): void => undefined;
      const listener = (value: Value): void => {
        waiting.push(value);
        wake();
      };
      let isOver = false;
      const end = (): void => {
        isOver = true;
        wake();
      };
      listeners.add(listener);
      enders.add(end);
      signal?.addEventListener('abort', end);
      try {
        while (signal?.aborted !== true && !isOver) {
          const next = waiting.shift();
          if (next !== undefined) yield next;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        listeners.delete(listener);
        enders.delete(end);
        signal?.removeEventListener('abort', end);
      }
    },
  };
}
