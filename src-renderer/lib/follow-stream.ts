import { getEventMeta } from '@orpc/client';
import type { Failure } from '#contract/errors.ts';
import { pageTimers, reconnectMs, type Timers } from './core-link.ts';
import { codedFailure } from './failure.ts';

export type StreamOptions = { readonly signal: AbortSignal; readonly lastEventId: string | undefined };
/** Opens the stream: `(core, options) => core.jobs.watch({ jobId }, options)`. */
export type OpenStream<E> = (options: { signal: AbortSignal; lastEventId?: string }) => Promise<AsyncIterable<E>>;

export type StreamState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** Cut; it is opened again by itself. */
  | { readonly kind: 'waiting'; readonly failure: Failure }
  /** The core ended it: nothing more will come. */
  | { readonly kind: 'ended' }
  /** Refused for a reason that does not go away by asking again. */
  | { readonly kind: 'refused'; readonly failure: Failure };

export type FollowOptions<E> = {
  readonly open: OpenStream<E>;
  /** Return `'again'` to throw this stream away and open a new one from the beginning (a gap). */
  readonly onEvent: (event: E) => 'again' | undefined;
  readonly onState?: (state: StreamState) => void;
  readonly timers?: Timers;
};

/** Failures that another try may mend. */
const passing = new Set(['LINK_LOST', 'INTERNAL', 'SIGN_IN_NEEDED', 'STORE_CONFLICT']);

function eventId(event: unknown): string | undefined {
  return typeof event === 'object' && event !== null ? getEventMeta(event)?.id : undefined;
}

/** Reads one stream to its end. `'again'` when the reader found a gap. */
async function readOnce<E>(
  options: FollowOptions<E>,
  signal: AbortSignal,
  lastEventId: string | undefined,
  seen: (id: string | undefined) => void,
): Promise<'again' | 'ended'> {
  const stream = await options.open(lastEventId === undefined ? { signal } : { signal, lastEventId });
  options.onState?.({ kind: 'live' });
  for await (const event of stream) {
    if (signal.aborted) return 'ended';
    seen(eventId(event));
    if (options.onEvent(event) === 'again') return 'again';
  }
  return 'ended';
}

/**
 * Follows a stream for as long as somebody wants it: opens it again with back-off when it is cut, from the last event id where the
 * core gives ids. Returns its disposer, which also ends the stream at the core.
 */
export function followStream<E>(options: FollowOptions<E>): () => void {
  const timers = options.timers ?? pageTimers;
  const outer = new AbortController();
  const stopped = new Promise<void>((resolve) => outer.signal.addEventListener('abort', () => resolve(), { once: true }));

  const follow = async (): Promise<void> => {
    let attempt = 0;
    let lastEventId: string | undefined;
    while (!outer.signal.aborted) {
      options.onState?.({ kind: 'opening' });
      const inner = new AbortController();
      const passOn = (): void => inner.abort();
      outer.signal.addEventListener('abort', passOn, { once: true });
      try {
        const end = await readOnce(options, inner.signal, lastEventId, (id) => {
          attempt = 0;
          lastEventId = id;
        });
        if (outer.signal.aborted) return;
        if (end === 'ended') return void options.onState?.({ kind: 'ended' });
        lastEventId = undefined;
      } catch (error) {
        if (outer.signal.aborted) return;
        const failure = codedFailure(error);
        if (!passing.has(failure.code)) return void options.onState?.({ kind: 'refused', failure });
        options.onState?.({ kind: 'waiting', failure });
      } finally {
        outer.signal.removeEventListener('abort', passOn);
        inner.abort();
      }
      attempt += 1;
      const waitMs = reconnectMs(attempt, timers.random);
      await Promise.race([stopped, new Promise<void>((resolve) => void timers.after(waitMs, resolve))]);
    }
  };
  void follow();
  return () => outer.abort();
}
