import type { EdgeHealth, EdgeListener, EdgeStatus } from '#contract/agent/edge.ts';
import type { TlsLook } from './edge-check.ts';

/** One look at the edge from two sides: its pipe, and its own listener as a visitor meets it. */
export type EdgeLook = {
  /** `refused`: nobody listens at the pipe, so that nothing can ever be told; `timeout`: it may be busy. */
  readonly pipe: EdgeStatus | 'refused' | 'timeout';
  readonly tls: TlsLook;
};

/** Looks in a row without an answer. */
export type Misses = { readonly pipe: number; readonly tls: number; readonly both: number; readonly main: number };
export const noMisses: Misses = { pipe: 0, tls: 0, both: 0, main: 0 };

/** So many looks in a row must miss before it is said, and before an edge is ended for it: one slow answer is no failure. */
export const missesUntilTold = 3;

export function missesAfter(before: Misses, { pipe, tls }: EdgeLook): Misses {
  const isPipeMissed = typeof pipe === 'string';
  const isTlsMissed = !isServing(tls);
  return {
    pipe: isPipeMissed ? before.pipe + 1 : 0,
    tls: isTlsMissed ? before.tls + 1 : 0,
    both: isPipeMissed && isTlsMissed ? before.both + 1 : 0,
    // Its workers serve, and hear as little of it as we do.
    main: isPipeMissed && tls === 'main-silent' ? before.main + 1 : 0,
  };
}

/** Visitors are served. */
export const isServing = (tls: TlsLook): boolean => tls === 'answers' || tls === 'main-silent';

type Verdict = Pick<EdgeHealth, 'state' | 'cause'>;

function verdictOfListener({ problem }: EdgeListener): Verdict {
  return problem === 'EADDRINUSE' ? { state: 'port-taken', cause: '' } : { state: 'not-listening', cause: problem };
}

/** What visitors meet; undefined while it is too early to say, so that what was said before stands. */
export function verdictOf({ pipe, tls }: EdgeLook, misses: Misses): Verdict | undefined {
  if (typeof pipe !== 'string') {
    const https = pipe.listeners?.https;
    // It knows itself that it does not listen: whatever answers there is somebody else.
    if (https !== undefined && !https.isListening) return verdictOfListener(https);
    if (isServing(tls)) return { state: 'serving', cause: '' };
    return misses.tls >= missesUntilTold ? { state: 'silent', cause: tls } : undefined;
  }
  if (isServing(tls)) return misses.pipe >= missesUntilTold ? { state: 'deaf', cause: pipe } : { state: 'serving', cause: '' };
  return misses.both >= missesUntilTold ? { state: 'silent', cause: tls } : undefined;
}
