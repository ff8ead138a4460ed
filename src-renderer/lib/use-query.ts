import { useQuery as useTanstackQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import type { Failure } from '#contract/errors.ts';
import type { CoreClient } from './core-client.ts';
import { codedFailure } from './failure.ts';
import { queryClient, refreshQuery } from './query-client.ts';
import { useCore, useLinkState } from './use-core.ts';

export type Query<T> = {
  readonly data: T | undefined;
  /** When `data` was answered. */
  readonly atMs: number | undefined;
  /** Why the newest question was not answered; `data` may still be an older answer. It stays until there is an answer. */
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
  /** Asks again; a question that is on its way is given up. */
  readonly refresh: () => void;
};

export type QueryOptions = {
  /** Asks again every so often while it is shown. */
  readonly everyMs?: number;
  /** An answer younger than this is not asked again on showing. */
  readonly freshMs?: number;
};

/** Who reads `signal` is told when nobody waits for the answer any more; who does not, fills the cache for the next time. */
export type Ask<T> = (core: CoreClient, options: { readonly signal: AbortSignal }) => Promise<T>;

/**
 * A plain get with a cache: shows the last answer at once and asks for a newer one. The key names everything that the answer
 * depends on and begins with the area's word (`domains.list`); `undefined` asks nothing. Asks again when the link is back.
 *
 *     const domains = useQuery('domains.list', (core) => core.domains.list());
 */
export function useQuery<T>(key: string | undefined, get: Ask<T>, { everyMs, freshMs = 0 }: QueryOptions = {}): Query<T> {
  const core = useCore();
  const latest = useRef(get);
  latest.current = get;
  const { data, error, dataUpdatedAt, isFetching, refetch } = useTanstackQuery<T, Failure>(
    {
      queryKey: [key ?? ''],
      queryFn: (context) =>
        latest.current(core, signalOf(context)).catch((thrown: unknown) => {
          throw codedFailure(thrown);
        }),
      enabled: key !== undefined,
      staleTime: freshMs,
      refetchInterval: everyMs ?? false,
    },
    queryClient,
  );
  const hasAnswer = dataUpdatedAt > 0;
  const failure = useLastFailure(key, error ?? undefined, isFetching && !hasAnswer);
  const refresh = useCallback(() => {
    if (key !== undefined) refreshQuery(key);
  }, [key]);
  useLinkReturn(key !== undefined, failure !== undefined, () => void refetch({ cancelRefetch: false }));
  return { data, atMs: hasAnswer ? dataUpdatedAt : undefined, failure, isLoading: isFetching, refresh };
}

/** No more of the context than the signal, and that not before it is read: reading it is what makes the library give a question up. */
const signalOf = (context: { readonly signal: AbortSignal }) => ({
  get signal() {
    return context.signal;
  },
});

/** The library forgets a failure as soon as it asks again; a person would see the sentence go and come. */
function useLastFailure(key: string | undefined, failure: Failure | undefined, isAskedAgain: boolean): Failure | undefined {
  const kept = useRef<{ readonly key: string | undefined; readonly failure: Failure } | undefined>(undefined);
  if (failure !== undefined) kept.current = { key, failure };
  else if (!isAskedAgain || kept.current?.key !== key) kept.current = undefined;
  return kept.current?.failure;
}

/** Asks again when the link is there again: what failed, and what was answered before it was cut. */
function useLinkReturn(isAsked: boolean, hasFailed: boolean, ask: () => void): void {
  const isConnected = useLinkState().kind === 'connected';
  const wasLost = useRef(false);
  const latest = useRef({ hasFailed, ask });
  latest.current = { hasFailed, ask };
  useEffect(() => {
    if (isConnected && isAsked && (wasLost.current || latest.current.hasFailed)) latest.current.ask();
    wasLost.current = !isConnected;
  }, [isConnected, isAsked]);
}
