import { pacedSend } from '#kit/paced-socket.ts';
import type { MinimalWebsocket } from '@orpc/server/websocket';
import type { WebSocket } from 'ws';

/** A window's socket whose `send` waits while the window reads slowly. */
export function paced(socket: WebSocket): MinimalWebsocket {
  const send = pacedSend<Parameters<WebSocket['send']>[0]>(socket);
  // The library declares the DOM's socket and uses `send` of it; messages are handed to it by us.
  return { send, addEventListener: () => undefined } as unknown as MinimalWebsocket;
}
