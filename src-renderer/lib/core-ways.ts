import type { ClientContext } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { windowKey } from '#contract/window-key.ts';
import type { OpenCoreWay } from './core-link.ts';

/**
 * A way over a WebSocket that opens by the key of this browser (`contract/window-key.ts`). `address` and `key` are asked each time, so that a new origin or
 * a sign-in of another tab is taken up.
 */
export function socketWay(
  address: () => string,
  key: () => string,
  makeSocket: (address: string, protocol: string) => WebSocket = (url, protocol) => new WebSocket(url, protocol),
): OpenCoreWay {
  return () => {
    const socket = makeSocket(address(), windowKey.protocol);
    socket.binaryType = 'arraybuffer';
    const closed = new Promise<void>((resolve) => {
      socket.addEventListener('close', () => resolve());
    });
    socket.addEventListener('open', () => socket.send(key()));
    const link = new Promise<SocketLink<ClientContext>>((resolve, reject) => {
      // Before the answer nothing is a call, and the contract library would take the answer for one of its own.
      socket.addEventListener('message', () => resolve(new SocketLink({ websocket: socket })), { once: true });
      socket.addEventListener('close', () => reject(new Error('closed before it opened')));
    });
    // Somebody always listens, or a refused socket would be an unhandled rejection.
    link.catch(() => undefined);
    return {
      link: { call: async (path, input, options) => (await link).call(path, input, options) },
      opened: link.then(() => undefined),
      closed,
      close: () => socket.close(),
    };
  };
}

/** A way over a port that the desktop's preload hands over. A port of a core that died tells so by `close`. */
export function portWay(askForPort: () => Promise<MessagePort>): OpenCoreWay {
  return () => {
    let port: MessagePort | undefined;
    let markClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      markClosed = resolve;
    });
    const link = askForPort().then((given) => {
      port = given;
      // Chromium tells of a closed peer (https://developer.mozilla.org/en-US/docs/Web/API/MessagePort/close_event).
      given.addEventListener('close', () => markClosed());
      const made = new PortLink({ port: given });
      given.start();
      return made;
    });
    link.catch(() => markClosed());
    return {
      link: { call: async (path, input, options) => (await link).call(path, input, options) },
      opened: link.then(() => undefined),
      closed,
      close: () => {
        port?.close();
        markClosed();
      },
    };
  };
}
