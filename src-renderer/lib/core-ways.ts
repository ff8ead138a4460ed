import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { OpenCoreWay } from './core-link.ts';

/** A way over a WebSocket. `address` is asked each time, so that a new origin or token is taken up. */
export function socketWay(address: () => string, makeSocket: (address: string) => WebSocket = (url) => new WebSocket(url)): OpenCoreWay {
  return () => {
    const socket = makeSocket(address());
    socket.binaryType = 'arraybuffer';
    const closed = new Promise<void>((resolve) => {
      socket.addEventListener('close', () => resolve());
    });
    const opened = new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('close', () => reject(new Error('closed before it opened')));
    });
    // Somebody always listens, or a refused socket would be an unhandled rejection.
    opened.catch(() => undefined);
    return { link: new SocketLink({ websocket: socket }), opened, closed, close: () => socket.close() };
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
