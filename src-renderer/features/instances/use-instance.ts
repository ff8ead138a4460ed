import { useRef, useState } from 'react';
import type { InstanceView, PathCheck } from '#contract/api/instances.ts';
import type { Failure } from '#contract/errors.ts';
import { useLive } from '../../lib/use-live.ts';

export type Found = { readonly instance: InstanceView; readonly road: readonly PathCheck[] };

export type LiveInstance = {
  /** The newest that was told; it stays while nothing can be told. */
  readonly found: Found | undefined;
  readonly failure: Failure | undefined;
  /** There is no such instance, or not any more. */
  readonly isGone: boolean;
  readonly retry: () => void;
};

/** One instance by its name, live. The name does not change while it is shown. */
export function useInstance(name: string): LiveInstance {
  const [attempt, setAttempt] = useState(0);
  const live = useLive(`${attempt} ${name}`, (core, options) => core.instances.watchOne({ name }, options));
  // While a cut stream is tried again the reason stays: a banner that comes and goes with every try would make the page jump.
  const failure = useRef<Failure | undefined>(undefined);
  if (live.state.kind !== 'opening') failure.current = live.failure;
  return {
    found: live.value,
    failure: failure.current,
    isGone: failure.current?.code === 'NOT_FOUND',
    retry: () => setAttempt((before) => before + 1),
  };
}
