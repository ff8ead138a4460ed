import { getEventListeners } from 'node:events';
import { describe, expect, it, test } from 'vitest';
import { answerWithin } from './answer-within.ts';
import { backOffMs } from './back-off.ts';
import { createRestarts } from './restarts.ts';
import { highWaterBytes, pacedSend } from './paced-socket.ts';
import { createSemaphore } from './semaphore.ts';
import { withStreamErrors } from './stream-errors.ts';
import { type After, waitFor } from './wait.ts';

const after: After = (delayMs, act) => {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
};

describe('a wait', () => {
  it('passes whole, and leaves no listener', async () => {
    const { signal } = new AbortController();
    expect(await waitFor(after, 1, signal)).toBe(true);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
  it('is ended by its signal, before and meanwhile', async () => {
    const control = new AbortController();
    const waiting = waitFor(after, 60_000, control.signal);
    control.abort();
    expect([await waiting, await waitFor(after, 60_000, control.signal)]).toEqual([false, false]);
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });
});

test('what ends at once is started later and later; after a good life with the shortest wait again', () => {
  const waits = createRestarts({ firstMs: 100, longestMs: 300, chance: 0, goodMs: 60_000 });
  expect([0, 5, 59_999, 0, 60_000, 0].map(waits)).toEqual([100, 200, 300, 300, 100, 200]);
});

describe('an answer within a limit', () => {
  let timers = 0;
  const counted: After = (delayMs, act) => {
    timers += 1;
    const stop = after(delayMs, act);
    return () => {
      timers -= 1;
      stop();
    };
  };
  const never = (): Promise<never> => new Promise(() => undefined);

  it('is the value or the failure of the work, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController();
    expect(await answerWithin(counted, 60_000, Promise.resolve(7), signal)).toEqual({ state: 'done', value: 7 });
    await expect(answerWithin(counted, 60_000, Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect([timers, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
  });
  it('is late after the limit, and what the work throws afterwards disturbs nobody', async () => {
    const late = Promise.withResolvers<never>();
    expect(await answerWithin(after, 5, late.promise)).toEqual({ state: 'late' });
    late.reject(new Error('heard by nobody'));
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
  it('is stopped by its signal, before and meanwhile', async () => {
    const control = new AbortController();
    const waiting = answerWithin(after, 60_000, never(), control.signal);
    control.abort();
    expect([await waiting, await answerWithin(after, 60_000, never(), control.signal)]).toEqual([
      { state: 'stopped' },
      { state: 'stopped' },
    ]);
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });
});

test.each([
  [0, 0, 250],
  [0, 1, 500],
  [3, 1, 4000],
  [20, 1, 10_000],
  [5000, 0, 5000],
  [-1, 1, 500],
])('before try %i with the chance %d passes %i ms', (attempt, random, expected) =>
  expect(backOffMs({ firstMs: 500, longestMs: 10_000, chance: 0.5 }, attempt, random)).toBe(expected),
);

test('a send waits only while more than a megabyte is on its way, and never rejects', async () => {
  const dones: ((error?: Error) => void)[] = [];
  const socket = { bufferedAmount: highWaterBytes, send: (_data: string, done: (error?: Error) => void) => void dones.push(done) };
  const send = pacedSend(socket);
  await send('at the mark');
  socket.bufferedAmount += 1;
  let isSent = false;
  const waiting = send('beyond it').then(() => {
    isSent = true;
  });
  await Promise.resolve();
  expect(isSent).toBe(false);
  dones.at(-1)?.(new Error('the socket has ended'));
  await waiting;
});

describe('what a stream throws later', () => {
  const translate = (error: unknown): Error => new Error(`told: ${String(error)}`);
  it('is translated', async () => {
    const stream = withStreamErrors(
      (async function* () {
        yield 1;
        throw new TypeError('a bug');
      })(),
      translate,
    ) as AsyncGenerator<number>;
    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toThrow('told: TypeError: a bug');
  });
  it('does not keep it open: ending it early ends the one within', async () => {
    let isEnded = false;
    const stream = withStreamErrors(
      (async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          isEnded = true;
        }
      })(),
      translate,
    ) as AsyncGenerator<number>;
    await stream.next();
    await stream.return(undefined);
    expect(isEnded).toBe(true);
  });
  it('concerns streams only', () => expect(withStreamErrors({ value: 7 }, translate)).toEqual({ value: 7 }));
});

test('a semaphore lets so many in, the others in their order, and nobody twice by a second leave', async () => {
  const semaphore = createSemaphore(2);
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  const act = async (number: number): Promise<void> => {
    const leave = await semaphore.enter();
    inside += 1;
    most = Math.max(most, inside);
    order.push(number);
    await new Promise((resolve) => setTimeout(resolve, number % 3));
    inside -= 1;
    leave();
    leave();
  };
  await Promise.all(Array.from({ length: 20 }, (_, number) => act(number)));
  expect([most, order]).toEqual([2, Array.from({ length: 20 }, (_, number) => number)]);
});
