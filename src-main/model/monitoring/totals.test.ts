import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServerView } from '#contract/api/servers.ts';
import { survivesOneServer } from './totals.ts';

type Room = { readonly capacity: number; readonly promised: number; readonly isBad: boolean };
const serverOf = ({ capacity, promised, isBad }: Room): ServerView =>
  ({
    condition: { mark: isBad ? 'bad' : 'good' },
    capacity: { memoryBytes: capacity },
    promised: { memoryBytes: promised },
  }) as unknown as ServerView;

const room = fc.record({ capacity: fc.nat(9), promised: fc.nat(9), isBad: fc.boolean() });
test('the others take what one server promised, whichever it is', () => {
  fc.assert(
    fc.property(fc.array(room, { minLength: 2, maxLength: 6 }), (rooms) => {
      const isTaken = rooms.every((failed) => {
        const others = rooms.filter((one) => one !== failed && !one.isBad);
        return others.reduce((sum, one) => sum + Math.max(0, one.capacity - one.promised), 0) >= failed.promised;
      });
      expect(survivesOneServer(rooms.map(serverOf))).toBe(isTaken);
    }),
  );
  expect(survivesOneServer([serverOf({ capacity: 1, promised: 0, isBad: false })])).toBeUndefined();
});

test('a thousand servers are each looked at a few times, not a thousand', () => {
  let looks = 0;
  const servers = Array.from({ length: 1000 }, () => {
    const server = serverOf({ capacity: 9, promised: 1, isBad: false });
    const condition = (): ServerView['condition'] => {
      looks += 1;
      return server.condition;
    };
    return Object.defineProperty({ ...server }, 'condition', { get: condition });
  });
  expect(survivesOneServer(servers)).toBe(true);
  expect(looks).toBeLessThanOrEqual(3000);
});
