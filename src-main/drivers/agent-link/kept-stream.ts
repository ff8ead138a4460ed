/** How many events may wait for their reader. A reader that stays behind by more is cut off rather than kept in our memory. */
const mostUnreadEvents = 1_000;

export type KeptStreamOptions = {
  /** Ends the stream with its reason, whatever the source is doing. */
  readonly signal: AbortSignal;
  /** What the reader is told instead of what the source threw. */
  readonly translate: (error: unknown) => unknown;
  /** What a reader that stayed behind is told. */
  readonly tooSlow: () => Error;
  /** Called once when nobody reads any more. */
  readonly onEnd: () => void;
};

type End = { readonly error: unknown } | { readonly value: unknown };

/**
 * The events of a source that is read as fast as it gives, for a reader who may be slower. Every `next` ends when the signal does, even
 * while the source is silent; what had already come is read first.
 */
export function keptStream(source: AsyncIterator<unknown>, options: KeptStreamOptions): AsyncIterableIterator<unknown> {
  const unread: unknown[] = [];
  let end: End | undefined;
  let wake: (() => void) | undefined;

  const finish = (how: End): void => {
    if (end) return;
    end = how;
    options.signal.removeEventListener('abort', onAbort);
    options.onEnd();
    wake?.();
  };
  const onAbort = (): void => finish({ error: options.signal.reason });
  options.signal.addEventListener('abort', onAbort);
  if (options.signal.aborted) onAbort();

  const pump = async (): Promise<void> => {
    try {
      while (!end) {
        const { done, value } = await source.next();
        if (done) return finish({ value });
        unread.push(value);
        if (unread.length > mostUnreadEvents) return finish({ error: options.tooSlow() });
        wake?.();
      }
    } catch (error) {
      finish({ error: options.translate(error) });
    }
  };
  void pump();

  const next = async (): Promise<IteratorResult<unknown>> => {
    while (true) {
      if (unread.length > 0) return { done: false, value: unread.shift() };
      if (end && 'error' in end) {
        const { error } = end;
        end = { value: undefined };
        throw error;
      }
      if (end) return { done: true, value: end.value };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    next,
    return: async (value) => {
      unread.length = 0;
      finish({ value: undefined });
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
