import type { DomainId, Instant } from '#contract/ids.ts';
import { isYounger } from '../../model/age.ts';
import type { Clock } from '../../ports/clock.ts';

export type Reach = { readonly isReachable: boolean; readonly checkedAtMs: Instant };

/** An answer is good for so long; nobody who looks at a page waits for a name server. */
const freshMs = 30_000;

/** Whether the name server of each domain answered when it was last asked; `look` asks anew in the background when that was a while ago. */
export function createReachability(deps: {
  readonly clock: Clock;
  /** Throws when the name server does not answer, or not as it should. */
  readonly ask: (domainId: DomainId) => Promise<unknown>;
  readonly onChange: (domainId: DomainId) => void;
}) {
  const known = new Map<DomainId, Reach>();
  const asking = new Set<DomainId>();
  const note = (domainId: DomainId, isReachable: boolean): void => {
    const before = known.get(domainId);
    known.set(domainId, { isReachable, checkedAtMs: deps.clock.nowMs() });
    if (before?.isReachable !== isReachable) deps.onChange(domainId);
  };
  return {
    note,
    look: (domainId: DomainId): Reach | undefined => {
      const last = known.get(domainId);
      const isFresh = last !== undefined && isYounger(deps.clock.nowMs(), last.checkedAtMs, freshMs);
      if (!isFresh && !asking.has(domainId)) {
        asking.add(domainId);
        void deps
          .ask(domainId)
          .then(
            () => note(domainId, true),
            () => note(domainId, false),
          )
          .finally(() => asking.delete(domainId));
      }
      return last;
    },
  };
}
