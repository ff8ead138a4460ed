import { ORPCError, withEventMeta } from '@orpc/client';
import { describe, expect, test } from 'vitest';
import { LinkLostError, pageTimers, type Timers } from './core-link.ts';
import { followStream, type StreamState } from './follow-stream.ts';

const quick: Timers = { ...pageTimers, after: (_ms, run) => pageTimers.after(1, run), random: () => 0 };
type Event = { readonly number: number };

async function* events(...numbers: readonly number[]): AsyncGenerator<Event> {
  for (const number of numbers) yield withEventMeta({ number }, { id: String(number) });
}

async function until(is: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !is(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(is()).toBe(true);
}

describe('following a stream', () => {
  test('goes on from the last id after a cut: no gap, no repeat', async () => {
    const seen: number[] = [];
    const states: StreamState[] = [];
    const asked: (string | undefined)[] = [];
    followStream<Event>({
      timers: quick,
      onState: (state) => states.push(state),
      onEvent: (event) => void seen.push(event.number),
      open: async ({ lastEventId }) => {
        asked.push(lastEventId);
        if (asked.length === 2) throw new LinkLostError();
        if (asked.length > 2) return events(3, 4);
        return (async function* () {
          yield* events(1, 2);
          throw Object.assign(new Error('cut'), { name: 'AbortError' });
        })();
      },
    });
    await until(() => states.at(-1)?.kind === 'ended');
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([undefined, '2', '2']);
    expect(states.filter((state) => state.kind === 'waiting')).toHaveLength(2);
  });

  test('begins anew, without an id, when the reader found a gap', async () => {
    const asked: (string | undefined)[] = [];
    const stop = followStream<Event>({
      timers: quick,
      onEvent: (event) => (event.number === 5 ? 'again' : undefined),
      open: async ({ lastEventId }) => {
        asked.push(lastEventId);
        return asked.length === 1 ? events(1, 5, 6) : events(7);
      },
    });
    await until(() => asked.length === 2);
    expect(asked).toEqual([undefined, undefined]);
    stop();
  });

  test('does not ask again what was refused for good', async () => {
    let opened = 0;
    const states: StreamState[] = [];
    followStream<Event>({
      timers: quick,
      onState: (state) => states.push(state),
      onEvent: () => undefined,
      open: async () => {
        opened += 1;
        throw new ORPCError('NOT_FOUND', { status: 404, data: { kind: 'job', name: 'x' } });
      },
    });
    await until(() => states.at(-1)?.kind === 'refused');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(opened).toBe(1);
  });

  test('its disposer ends the stream at the core, also while it waits to try again', async () => {
    let signal: AbortSignal | undefined;
    const stop = followStream<Event>({
      timers: quick,
      onEvent: () => undefined,
      open: async (options) => {
        signal = options.signal;
        return (async function* () {
          yield { number: 1 };
          await new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve(), { once: true }));
        })();
      },
    });
    await until(() => signal !== undefined);
    stop();
    await until(() => signal?.aborted === true);
  });
});
