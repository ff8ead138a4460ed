import { useCallback, useEffect, useRef, useState } from 'react';
import type { Failure } from '#contract/errors.ts';
import { codedFailure } from './failure.ts';
import { newRequestKey } from './request-key.ts';

export type CallState = { readonly kind: 'idle' } | { readonly kind: 'busy' } | { readonly kind: 'failed'; readonly failure: Failure };

export type Call<A extends readonly unknown[], R> = {
  readonly state: CallState;
  readonly isBusy: boolean;
  readonly failure: Failure | undefined;
  /** Runs the act unless it runs already. Resolves to its answer, or to undefined when it failed or was running. Never rejects. */
  readonly run: (...given: A) => Promise<R | undefined>;
  readonly clear: () => void;
};

type KeptKey = { readonly of: string; readonly key: string };

/**
 * An act behind a button: idle, busy, or failed with a failure to say. It gets a request key first; after a lost link the same
 * request is repeated under the same key, so that an act whose answer was lost is not done twice.
 *
 *     const restart = useCall((requestKey, instanceId: InstanceId) => core.instances.restart({ requestKey, instanceId }));
 *     <Button isBusy={restart.isBusy} onClick={() => void restart.run(id)}>…
 *     {restart.failure && sayFailure(words, restart.failure)}
 */
export function useCall<A extends readonly unknown[], R>(act: (requestKey: string, ...given: A) => Promise<R>): Call<A, R> {
  const [state, setState] = useState<CallState>({ kind: 'idle' });
  const latest = useRef(act);
  latest.current = act;
  const isRunning = useRef(false);
  const isGone = useRef(false);
  const kept = useRef<KeptKey | undefined>(undefined);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);

  const run = useCallback(async (...given: A): Promise<R | undefined> => {
    if (isRunning.current) return undefined;
    isRunning.current = true;
    setState({ kind: 'busy' });
    const of = JSON.stringify(given);
    const key = kept.current?.of === of ? kept.current.key : newRequestKey();
    kept.current = undefined;
    try {
      const answer = await latest.current(key, ...given);
      if (!isGone.current) setState({ kind: 'idle' });
      return answer;
    } catch (error) {
      const failure = codedFailure(error);
      if (failure.code === 'LINK_LOST') kept.current = { of, key };
      if (!isGone.current) setState({ kind: 'failed', failure });
      return undefined;
    } finally {
      isRunning.current = false;
    }
  }, []);
  const clear = useCallback(() => setState({ kind: 'idle' }), []);
  return { state, isBusy: state.kind === 'busy', failure: state.kind === 'failed' ? state.failure : undefined, run, clear };
}
