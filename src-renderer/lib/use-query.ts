import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import type { Failure } from '#contract/errors.ts';
import type { CoreClient } from './core-client.ts';
import { codedFailure } from './failure.ts';
import { QueryCache } from './query-cache.ts';
import { useCore, useLinkState } from './use-core.ts';

const cache = new QueryCache();
const running = new Map<string, Promise<void>>();

export type Query<T> = {
  readonly data: T | undefined;
  /** When `data` was answered. */
  readonly atMs: number | undefined;
  /** Why the newest question was not answered; `data` may still be an older answer. */
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
  readonly refresh: () => void;
};

export type QueryOptions = {
  /** Asks again every so often while it is shown. */
  readonly everyMs?: number;
  /** An answer younger than this is not asked again on showing. */
  readonly freshMs?: number;
};

async function ask<T>(core: CoreClient, key: string, get: (core: CoreClient) => Promise<T>): Promise<void> {
  cache.set(key, { isLoading: true });
  try {
    cache.set(key, { data: await get(core), atMs: Date.now(), failure: undefined, isLoading: false });
  } catch (error) {
    cache.set(key, { failure: codedFailure(error), isLoading: false });
  } finally {
    running.delete(key);
  }
}

/** Questions that somebody may have to ask again, by key. */
const askers = new Map<string, () => void>();

/** Asks all shown questions whose key begins with `prefix` again: after an act that changed what they answer. */
export function refreshQueries(prefix: string): void {
  for (const key of cache.watched(prefix)) askers.get(key)?.();
}

/**
 * A plain get with a cache: shows the last answer at once and asks for a newer one. The key names everything that the answer
 * depends on and begins with the area's word (`domains.list`). Asks again when the link is back.
 *
 *     const domains = useQuery('domains.list', (core) => core.domains.list());
 */
export function useQuery<T>(key: string, get: (core: CoreClient) => Promise<T>, options: QueryOptions = {}): Query<T> {
  const core = useCore();
  const isConnected = useLinkState().kind === 'connected';
  const latest = useRef(get);
  latest.current = get;
  const entry = useSyncExternalStore(
    useCallback((listener: () => void) => cache.subscribe(key, listener), [key]),
    () => cache.get(key),
  );
  const refresh = useCallback(() => {
    if (running.has(key)) return;
    running.set(key, ask(core, key, latest.current));
  }, [core, key]);
  const { everyMs, freshMs = 0 } = options;
  useEffect(() => {
    askers.set(key, refresh);
    const { atMs } = cache.get(key);
    if (atMs === undefined || Date.now() - atMs >= freshMs) refresh();
    if (everyMs === undefined) return undefined;
    const timer = setInterval(refresh, everyMs);
    return () => clearInterval(timer);
  }, [key, refresh, everyMs, freshMs]);
  useEffect(() => {
    if (isConnected && cache.get(key).failure !== undefined) refresh();
  }, [isConnected, key, refresh]);
  return { data: entry.data as T | undefined, atMs: entry.atMs, failure: entry.failure, isLoading: entry.isLoading, refresh };
}
