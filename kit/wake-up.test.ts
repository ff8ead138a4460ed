import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createWakeUp } from './wake-up.ts';

describe('a reader', () => {
  it('is told at once of news that came before it waited, once for all of it', async () => {
    const news = createWakeUp();
    news.poke();
    news.poke();
    expect(await news.next()).toBe(true);
    let isWoken = false;
    const waiting = news.next().then((is) => {
      isWoken = true;
      return is;
    });
    await Promise.resolve();
    expect(isWoken).toBe(false);
    news.poke();
    expect(await waiting).toBe(true);
  });

  it.each(['abort', 'dispose'] as const)('that waits is let go at %s, and one that comes later', async (how) => {
    const control = new AbortController();
    const news = createWakeUp(control.signal);
    const waiting = news.next();
    if (how === 'abort') control.abort();
    else news.dispose();
    expect([await waiting, await news.next(), news.isOver()]).toEqual([false, false, true]);
  });

  it('that gathers a while is not told again of what it has gathered', async () => {
    const news = createWakeUp();
    news.poke();
    await news.next();
    news.poke();
    news.clear();
    let isWoken = false;
    void news.next().then(() => {
      isWoken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWoken).toBe(false);
    news.dispose();
  });

  it('that waited ten thousand times left one listener, and none afterwards', async () => {
    const control = new AbortController();
    const news = createWakeUp(control.signal);
    for (let left = 10_000; left > 0; left -= 1) {
      const waiting = news.next();
      news.poke();
      await waiting;
    }
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(1);
    news.dispose();
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });

  it('of a signal that was given before is over from the beginning', async () => {
    const news = createWakeUp(AbortSignal.abort());
    news.poke();
    expect(await news.next()).toBe(false);
  });
});
