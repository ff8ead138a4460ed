import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyedQueue, createQueue } from './keyed-queue.ts';

describe('a keyed queue', () => {
  it('runs acts of one key one at a time, in the order of asking, and other keys beside', async () => {
    const queue = createKeyedQueue();
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const act = (name: string, wait?: Promise<void>) => async () => {
      seen.push(`+${name}`);
      await wait;
      seen.push(`-${name}`);
      return name;
    };
    const all = [queue.run('a', act('a1', gate.promise)), queue.run('a', act('a2')), queue.run('b', act('b1'))];
    await delay(1);
    expect(seen).toEqual(['+a1', '+b1', '-b1']);
    gate.resolve();
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'b1']);
    expect(seen.slice(3)).toEqual(['-a1', '+a2', '-a2']);
  });

  it('goes on after an act that throws, now or later', async () => {
    const queue = createKeyedQueue();
    const thrown = queue.run('a', () => {
      throw new Error('now');
    });
    const rejected = queue.run('a', async () => {
      throw new Error('later');
    });
    const good = queue.run('a', () => 7);
    await expect(thrown).rejects.toThrow('now');
    await expect(rejected).rejects.toThrow('later');
    expect(await good).toBe(7);
  });

  it('keeps nothing of a key without acts, whatever came in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.integer({ min: 0, max: 3 }), fails: fc.boolean(), ms: fc.integer({ min: 0, max: 2 }) })),
        async (acts) => {
          const queue = createKeyedQueue<number>();
          const running = new Map<number, number>();
          let most = 0;
          const done = acts.map(({ key, fails, ms }) =>
            queue.run(key, async () => {
              running.set(key, (running.get(key) ?? 0) + 1);
              most = Math.max(most, running.get(key) ?? 0);
              await delay(ms);
              running.set(key, (running.get(key) ?? 1) - 1);
              if (fails) throw new Error('planted');
            }),
          );
          await Promise.allSettled(done);
          await delay(0);
          expect(queue.size()).toBe(0);
          expect(most).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('for one thing is a plain queue', async () => {
    const run = createQueue();
    const seen: number[] = [];
    const act = (number: number) => async () => {
      await delay(3 - number);
      seen.push(number);
    };
    await Promise.all([1, 2, 3].map((number) => run(act(number))));
    expect(seen).toEqual([1, 2, 3]);
  });
});
