import websocket from '@fastify/websocket';
import { RPCHandler } from '@orpc/server/websocket';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { windowKey } from '#contract/window-key.ts';
import { hostClock } from '../../compose-shell.ts';
import type { RequestContext } from '../../ports/request.ts';
import { mostStreams, refuse, streamPlaces } from './guard.ts';
import { paced } from './paced-socket.ts';
import type { HttpServerOptions } from './server.ts';

const patienceMs = 5000;
/** Sockets that are open and have not said their key. */
export const mostWaiting = 32;
/** Windows at a time, whosever they are. */
export const mostWindows = 128;
const tryAgainCode = 1013;
/** What came is no call (RFC 6455 §7.4.1). */
const unreadableCode = 1007;

/** The first message of a socket as text; undefined when it is no text, or none came in time. */
function firstMessage(socket: WebSocket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const settle = (text: string | undefined): void => {
      stop();
      resolve(text);
    };
    const stop = hostClock.after(patienceMs, () => settle(undefined));
    socket.once('message', (data, isBinary) => settle(isBinary || !(data instanceof Buffer) ? undefined : data.toString('utf8')));
    socket.once('close', () => settle(undefined));
  });
}

/** The window's socket: it opens for our own page, and its first message is the key. Nothing that comes before the key was taken is a call. */
export async function registerSocket(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  const handler = new RPCHandler<RequestContext>(options.core.router);
  let waiting = 0;
  await app.register(websocket, {
    options: {
      perMessageDeflate: false,
      // One message a turn: a window that says thousands at once has its answers later, and nobody else has.
      allowSynchronousEvents: false,
      maxPayload: 4_000_000,
      handleProtocols: (offered) => (offered.has(windowKey.protocol) ? windowKey.protocol : false),
    },
  });
  app.get(
    '/link',
    {
      websocket: true,
      preValidation: async (request, reply) => {
        // A window of before this version asks for no protocol: it is told that it is not signed in, instead of waiting on a socket that takes no calls.
        const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
        return options.guard.isWindow(request) && offered.includes(windowKey.protocol) ? undefined : refuse(reply, 'SIGN_IN_NEEDED', 401);
      },
    },
    async (socket, request) => {
      if (waiting >= mostWaiting || app.websocketServer.clients.size > mostWindows) return socket.close(tryAgainCode);
      waiting += 1;
      const key = await firstMessage(socket).finally(() => (waiting -= 1));
      const context = key === undefined ? undefined : options.guard.whoHas(request, key);
      if (context === undefined) return socket.close(windowKey.refusedCode);
      const peer = paced(socket);
      const calls = { context: { ...context, streams: streamPlaces(mostStreams) } };
      socket.on('message', (data, isBinary) => {
        const bytes = data instanceof Buffer ? data : Buffer.alloc(0);
        // Not by the library's own listener: it writes a stack to the error output for each message that it cannot read, without an end.
        handler.message(peer, isBinary ? Uint8Array.from(bytes).buffer : bytes.toString(), calls).catch((error: unknown) => {
          if (socket.readyState === socket.OPEN) options.log.warn('window-message', { error: String(error) });
          socket.close(unreadableCode);
        });
      });
      socket.on('close', () => handler.close(peer));
      socket.send(windowKey.ready);
      return undefined;
    },
  );
}
