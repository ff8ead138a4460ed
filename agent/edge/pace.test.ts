import { expect, test, vi } from 'vitest';
import { createPace, floorBytes, Slowness } from './pace.ts';

test('the floor rises with time and has a ceiling', () => {
  expect([0, 2, 3, 6, 9, 12, 100].map((looks) => floorBytes(looks) / 15)).toEqual([64, 64, 128, 256, 512, 1024, 1024]);
});

test('18 kB a second for 256 uploads is too slow after a while, twice the highest floor never', async () => {
  const pace = createPace(2);
  const watch = (bytesPerSecond: number): { looks: () => number; hasGivenUp: () => boolean } => {
    let looks = 0;
    let isOver = false;
    pace.watch({
      movedBytes: () => {
        looks += 1;
        return looks * bytesPerSecond * 15;
      },
      giveUp: () => {
        isOver = true;
      },
      slowness: new Slowness(),
    });
    return { looks: () => looks, hasGivenUp: () => isOver };
  };
  const slow = watch(72);
  const good = watch(2048);
  await vi.waitFor(() => expect(slow.hasGivenUp()).toBe(true));
  // 3 looks at the first floor, then 3 in a row below the second: 90 s.
  expect(slow.looks()).toBe(7);
  await vi.waitFor(() => expect(good.looks()).toBeGreaterThan(60));
  expect(good.hasGivenUp()).toBe(false);
  pace.close();
});

test('who waits for others is not slow', async () => {
  const pace = createPace(2);
  let looks = 0;
  let isOver = false;
  pace.watch({
    movedBytes: () => {
      looks += 1;
      return 0;
    },
    isAwaited: () => false,
    giveUp: () => {
      isOver = true;
    },
    slowness: new Slowness(),
  });
  await vi.waitFor(() => expect(looks).toBeGreaterThan(20));
  expect(isOver).toBe(false);
  pace.close();
});

test('one that takes a little now and then stays as old as it is', async () => {
  const pace = createPace(2);
  const slowness = new Slowness();
  let looks = 0;
  const movedBytes = (): number => {
    looks += 1;
    return looks * 1500;
  };
  const paced = { movedBytes, giveUp: () => undefined, slowness };
  for (let round = 0; round < 5; round++) {
    const before = looks;
    const unwatch = pace.watch(paced);
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 2));
    unwatch();
  }
  expect(slowness.looks).toBeGreaterThanOrEqual(10);
  pace.close();
});
