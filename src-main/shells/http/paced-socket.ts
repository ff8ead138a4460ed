import { pacedSend } from '#kit/paced-socket.ts';
import type { WebSocket } from 'ws';

/** A window's socket whose `send` waits while the window reads slowly. */
export function paced(socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'send'> {
  return {
    addEventListener: socket.addEventListener.bind(socket),
    send: pacedSend<Parameters<WebSocket['send']>[0]>(socket),
  };
}
