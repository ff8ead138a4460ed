const isStream = (output: unknown): output is AsyncIterable<unknown> =>
  typeof output === 'object' && output !== null && Symbol.asyncIterator in output;

/** What a call answered, where a stream's later failures are translated too. Ending the result early ends the stream within. */
export function withStreamErrors(output: unknown, translate: (error: unknown) => unknown): unknown {
  if (!isStream(output)) return output;
  const iterator = output[Symbol.asyncIterator]();
  return (async function* () {
    try {
      while (true) {
        const next = await iterator.next();
        if (next.done === true) return next.value;
        yield next.value;
      }
    } catch (error) {
      throw translate(error);
    } finally {
      await iterator.return?.();
    }
  })();
}
