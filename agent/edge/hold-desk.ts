import type { EdgeContext } from './edge-context.ts';
import type { HoldAnswer } from './hold-messages.ts';
import type { OlderEdges } from './older-edges.ts';

export type HoldDesk = {
  /** Holds or extends, here and in the edges that still drain; says what an instance has under way in all of them. */
  readonly hold: (instanceId: string, leaseMs: number, owner: object | undefined) => Promise<HoldAnswer>;
  readonly release: (instanceId: string) => void;
};

/** What the agent, or the edge after this one, asks about holds. Visitors of an older edge are visitors all the same. */
export function createHoldDesk({ holds, traffic }: Pick<EdgeContext, 'holds' | 'traffic'>, older: OlderEdges): HoldDesk {
  return {
    hold: async (instanceId, leaseMs, owner) => {
      const isHeld = holds.hold(instanceId, leaseMs, owner);
      const before = await older.hold(instanceId, leaseMs);
      const mine = traffic.count(instanceId);
      const sinceWriteMs = Math.min(mine.sinceWriteMs ?? Infinity, before.sinceWriteMs ?? Infinity);
      return {
        isHeld: isHeld && before.isHeld,
        isComplete: before.isComplete,
        waiting: holds.waiting(instanceId) + before.waiting,
        unanswered: mine.unanswered + before.unanswered,
        answering: mine.answering + before.answering,
        ...(sinceWriteMs === Infinity ? {} : { sinceWriteMs }),
      };
    },
    release: (instanceId) => {
      holds.release(instanceId);
      older.release(instanceId);
    },
  };
}
