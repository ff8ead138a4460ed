import { describe, expect, test } from 'vitest';
import { reconnectMs, createCoreLink, LinkLostError, type OpenWay, type Timers } from './core-link.ts';

/** Timers that stand still until they are told to go on. */
function handTimers() {
  let nowMs = 0;
  const waiting: { atMs: number; run: () => void }[] = [];
  const timers: Timers = {
    nowMs: () => nowMs,
    after: (ms, run) => {
      const entry = { atMs: nowMs + ms, run };
      waiting.push(entry);
      return () => void waiting.splice(waiting.indexOf(entry) >>> 0, waiting.includes(entry) ? 1 : 0);
    },
    random: () => 1,
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  const goOn = async (ms: number): Promise<void> => {
    nowMs += ms;
    for (const entry of waiting.filter((known) => known.atMs <= nowMs)) {
      waiting.splice(waiting.indexOf(entry), 1);
      entry.run();
    }
    await settle();
  };
  return { timers, goOn, settle };
}

/** A way that opens and closes by hand. */
function handWay() {
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  opened.promise.catch(() => undefined);
  let closes = 0;
  const way: OpenWay = {
    link: { call: async () => 'answer' },
    opened: opened.promise,
    closed: closed.promise,
    close: () => {
      closes += 1;
    },
  };
  return {
    way,
    open: () => opened.resolve(),
    refuse: () => opened.reject(new Error('refused')),
    cut: () => closed.resolve(),
    closes: () => closes,
  };
}

function setUp() {
  const ways: ReturnType<typeof handWay>[] = [];
  const hand = handTimers();
  const link = createCoreLink(() => {
    const next = handWay();
    ways.push(next);
    return next.way;
  }, hand.timers);
  return { ...hand, link, ways };
}

describe('the link to a core', () => {
  test('opens at once, and again after it was cut', async () => {
    const { link, ways, goOn, settle } = setUp();
    ways[0]?.open();
    await settle();
    expect(link.state().kind).toBe('connected');
    ways[0]?.cut();
    await settle();
    expect(link.state()).toMatchObject({ kind: 'lost', sinceMs: 0, nextTryAtMs: 400 });
    expect(ways[0]?.closes()).toBe(1);
    await goOn(400);
    expect(ways).toHaveLength(2);
    ways[1]?.open();
    await settle();
    expect(link.state().kind).toBe('connected');
  });

  test('waits longer after each refusal, and says since when it is lost', async () => {
    const { link, ways, goOn, settle } = setUp();
    ways[0]?.refuse();
    await settle();
    await goOn(400);
    ways[1]?.refuse();
    await settle();
    expect(link.state()).toMatchObject({ kind: 'lost', sinceMs: 0, nextTryAtMs: 400 + 800 });
    expect(reconnectMs(20, () => 1)).toBe(10_000);
    expect(reconnectMs(1, () => 0)).toBe(240);
  });

  test('a call waits for the way a moment, then fails', async () => {
    const { link, ways, goOn, settle } = setUp();
    const patient = link.way();
    ways[0]?.open();
    expect(await patient).toBe(ways[0]?.way);
    ways[0]?.cut();
    await settle();
    const hopeless = link.way();
    hopeless.catch(() => undefined);
    await goOn(3_000);
    await expect(hopeless).rejects.toBeInstanceOf(LinkLostError);
  });

  test('gives up a socket that neither opens nor closes', async () => {
    const { link, ways, goOn } = setUp();
    await goOn(10_000);
    expect(link.state().kind).toBe('lost');
    expect(ways[0]?.closes()).toBe(1);
  });

  test('tries at once when asked, and never after it was disposed', async () => {
    const { link, ways, goOn, settle } = setUp();
    ways[0]?.refuse();
    await settle();
    link.retryNow();
    expect(ways).toHaveLength(2);
    link.dispose();
    ways[1]?.cut();
    await goOn(60_000);
    expect(ways).toHaveLength(2);
    await expect(link.way()).rejects.toBeInstanceOf(LinkLostError);
  });
});
