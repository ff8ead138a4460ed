import { pacedSend } from '#kit/paced-socket.ts';
import type { MinimalWebsocket } from '@orpc/server/websocket';
import type { WebSocket } from 'ws';

/**
 * A socket whose `send` waits while more than 1 MB is still on its way, so that a core that reads slowly slows its streams down instead of
 * filling the agent's memory (measured 2026-11: without it a paused reader made the buffer grow 2.4 MB/s). Never throws: a socket that has
 * ended is told by its `close`.
 */
export function paced(socket: WebSocket): MinimalWebsocket {
  const send = pacedSend<Parameters<WebSocket['send']>[0]>(socket);
  // The library declares the DOM's socket and uses `send` of it; messages are handed to it by us.
  return { send, addEventListener: () => undefined } as unknown as MinimalWebsocket;
}
