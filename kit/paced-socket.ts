/** As much of a WebSocket as sending needs (`ws`). */
export type Sender<Data> = { readonly bufferedAmount: number; send(data: Data, done: (error?: Error) => void): void };

export const highWaterBytes = 1_000_000;

/**
 * A `send` that waits while more than 1 MB is still on its way, so that a side that reads slowly slows its streams down instead of filling our memory
 * (measured 2026-11: without it a paused reader made the buffer grow 2.4 MB/s). Never rejects: a socket that has ended is told by its `close`.
 */
export function pacedSend<Data>(socket: Sender<Data>): (data: Data) => Promise<void> {
  return (data) => {
    const isPaced = socket.bufferedAmount > highWaterBytes;
    return new Promise((resolve) => {
      socket.send(data, () => resolve());
      if (!isPaced) resolve();
    });
  };
}
