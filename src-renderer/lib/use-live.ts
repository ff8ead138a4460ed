import { useEffect, useRef, useState } from 'react';
import type { Failure } from '#contract/errors.ts';
import type { CoreClient } from './core-client.ts';
import { followStream, type StreamState } from './follow-stream.ts';
import { useCore } from './use-core.ts';

type OpenOptions = { signal: AbortSignal; lastEventId?: string };
export type OpenLive<E> = (core: CoreClient, options: OpenOptions) => Promise<AsyncIterable<E>>;

/** Follows a stream while the component is shown. Another `key` is another stream; `undefined` follows nothing. */
export function useLiveEvents<E>(key: string | undefined, open: OpenLive<E>, onEvent: (event: E) => void): StreamState {
  const core = useCore();
  const [state, setState] = useState<StreamState>({ kind: 'opening' });
  const latest = useRef({ open, onEvent });
  latest.current = { open, onEvent };
  useEffect(() => {
    if (key === undefined) return undefined;
    setState({ kind: 'opening' });
    return followStream<E>({
      open: (options) => latest.current.open(core, options),
      onEvent: (event) => {
        latest.current.onEvent(event);
        return undefined;
      },
      onState: setState,
    });
  }, [core, key]);
  return state;
}

export type Live<E> = {
  /** The newest event of this key; the last one stays while the stream is cut. */
  readonly value: E | undefined;
  readonly state: StreamState;
  /** Why nothing comes at the moment, or ever. */
  readonly failure: Failure | undefined;
};

/**
 * The newest event of a stream of whole values.
 *
 *     const page = useLive(JSON.stringify(query), (core, options) => core.instances.watch(query, options));
 */
export function useLive<E>(key: string | undefined, open: OpenLive<E>): Live<E> {
  const [held, setHeld] = useState<{ readonly key: string | undefined; readonly value: E } | undefined>(undefined);
  const state = useLiveEvents<E>(key, open, (value) => setHeld({ key, value }));
  const failure = state.kind === 'waiting' || state.kind === 'refused' ? state.failure : undefined;
  return { value: held?.key === key ? held?.value : undefined, state, failure };
}
