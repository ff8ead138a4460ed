import type { HoldAnswer, HoldAsk } from './hold-messages.ts';
import type { Holds } from './holds.ts';
import type { OlderEdges } from './older-edges.ts';
import type { Workers } from './workers.ts';

export type HoldDesk = {
  /** Holds or extends, here and in the edges that still drain; says what an instance has under way in all of them. */
  readonly hold: (asked: HoldAsk, owner: object | undefined) => Promise<HoldAnswer>;
  readonly release: (instanceId: string) => void;
};

/** A stop waits no longer for a worker that does not answer: it says that there may be more. */
const patienceMs = 250;

/**
 * What the agent, or the edge after this one, asks about holds. `ledger` says what is held, for workers that come later; requests wait in the workers.
 * Visitors of an older edge are visitors all the same.
 */
export function createHoldDesk(ledger: Holds, workers: Pick<Workers, 'ask'>, older: OlderEdges): HoldDesk {
  return {
    hold: async ({ instanceId, leaseMs, only }, owner) => {
      const asked = { instanceId, leaseMs, only };
      const isHeld = ledger.hold(instanceId, leaseMs, owner, { only });
      const [mine, before] = await Promise.all([workers.ask({ act: 'hold', ...asked }, patienceMs), older.hold(asked)]);
      const all = [...mine.answers.flatMap(({ hold }) => hold ?? []), before];
      const sum = (of: 'waiting' | 'unanswered' | 'answering'): number => all.reduce((total, one) => total + one[of], 0);
      const writing = all.map((one) => one.writing);
      const sinceWriteMs = Math.min(...all.map((one) => one.sinceWriteMs ?? Infinity));
      return {
        isHeld: isHeld && all.every((one) => one.isHeld),
        isComplete: mine.isComplete && before.isComplete,
        waiting: sum('waiting'),
        unanswered: sum('unanswered'),
        answering: sum('answering'),
        ...(writing.includes(undefined) ? {} : { writing: writing.reduce<number>((total, one) => total + (one ?? 0), 0) }),
        ...(sinceWriteMs === Infinity ? {} : { sinceWriteMs }),
      };
    },
    release: (instanceId) => {
      ledger.release(instanceId);
      void workers.ask({ act: 'release', instanceId, how: 'released' });
      older.release(instanceId);
    },
  };
}
