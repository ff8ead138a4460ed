import { FarmError } from '#contract/errors.ts';
import type { RequestContext } from '../../ports/request.ts';

type Stream = AsyncIterable<unknown> & Partial<AsyncIterator<unknown>>;
const isStream = (output: unknown): output is Stream => typeof output === 'object' && output !== null && Symbol.asyncIterator in output;

/**
 * What a call answered; a stream takes a place of its connection until it ends, by itself or by its reader. Throws `TOO_MANY_STREAMS` where there is none:
 * each costs a snapshot at least, and one client that asked for thousands kept everybody else waiting.
 */
export function countStream(output: unknown, streams: RequestContext['streams'], signal: AbortSignal | undefined): unknown {
  if (streams === undefined || !isStream(output)) return output;
  const leave = streams.places.tryEnter();
  if (leave === undefined) throw new FarmError('TOO_MANY_STREAMS', { most: streams.most });
  const iterator = output[Symbol.asyncIterator]();
  const end = (): void => {
    signal?.removeEventListener('abort', end);
    leave();
  };
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  const settled = async (result: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const step = await result;
      if (step.done === true) end();
      return step;
    } catch (error) {
      end();
      throw error;
    }
  };
  // Not a generator: one that is ended before it was read never runs what stands in its `finally`.
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => settled(iterator.next()),
    return: async (value?: unknown) => {
      end();
      return (await iterator.return?.(value)) ?? { done: true as const, value };
    },
  };
}
