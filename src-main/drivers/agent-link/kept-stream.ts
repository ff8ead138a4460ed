/** What may wait for its reader. A reader that stays behind by more is cut off rather than kept in our memory. */
const mostUnreadEvents = 1_000;
const mostUnreadCharacters = 16_000_000;

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
  const unread: { readonly value: unknown; readonly characters: number }[] = [];
  let unreadCharacters = 0;
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
        // Measured only for a reader that is behind: who keeps up pays nothing.
        const characters = unread.length > 0 ? JSON.stringify(value).length : 0;
        unread.push({ value, characters });
        unreadCharacters += characters;
        if (unread.length > mostUnreadEvents || unreadCharacters > mostUnreadCharacters) return finish({ error: options.tooSlow() });
        wake?.();
      }
    } catch (error) {
      finish({ error: options.translate(error) });
    }
  };
  void pump();

  const next = async (): Promise<IteratorResult<unknown>> => {
    while (true) {
      const event = unread.shift();
      if (event) {
        unreadCharacters -= event.characters;
        return { done: false, value: event.value };
      }
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
