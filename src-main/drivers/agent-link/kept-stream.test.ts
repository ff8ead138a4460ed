import { describe, expect, it } from 'vitest';
import { keptStream } from './kept-stream.ts';

const tooSlow = new Error('too slow');

function keep(source: AsyncIterator<unknown>, signal = new AbortController().signal) {
  let ends = 0;
  const stream = keptStream(source, {
    signal,
    translate: (error) => new Error(`told: ${String(error)}`),
    tooSlow: () => tooSlow,
    onEnd: () => {
      ends += 1;
    },
  });
  return { stream, ends: () => ends };
}

async function* of(...events: unknown[]) {
  yield* events;
  return 'over';
}
async function* forever(event: unknown) {
  while (true) yield event;
}

describe('a kept stream', () => {
  it('gives events in order, then what the source returned', async () => {
    const { stream, ends } = keep(of(1, 2));
    expect([await stream.next(), await stream.next(), await stream.next(), await stream.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: 'over' },
      { done: true, value: 'over' },
    ]);
    expect(ends()).toBe(1);
  });

  it('gives what had come before an error, then the error once, told in our words', async () => {
    async function* broken() {
      yield 1;
      throw new Error('pipe');
    }
    const { stream } = keep(broken());
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toThrow('told: Error: pipe');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('ends a wait with its signal though the source says nothing', async () => {
    const leave = new AbortController();
    const { stream, ends } = keep({ next: () => new Promise(() => {}) }, leave.signal);
    const waiting = stream.next();
    leave.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(ends()).toBe(1);
    const late = keep({ next: () => new Promise(() => {}) }, leave.signal);
    await expect(late.stream.next()).rejects.toThrow('gone');
  });

  it('ends when the reader leaves', async () => {
    const { stream, ends } = keep({ next: () => new Promise(() => {}) });
    await stream.return?.();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(ends()).toBe(1);
  });

  it('keeps at most a thousand events, and at most 16 MB', async () => {
    for (const [event, most] of [
      ['x', 1_001],
      ['x'.repeat(1_000_000), 17],
    ] as const) {
      const { stream, ends } = keep(forever(event));
      await expect.poll(ends).toBe(1);
      let read = 0;
      const reading = (async () => {
        for await (const _ of stream) read += 1;
      })();
      await expect(reading).rejects.toBe(tooSlow);
      expect(read).toBe(most);
    }
  });
});
