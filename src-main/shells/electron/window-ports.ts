import { RPCHandler } from '@orpc/server/message-port';
import type { Core } from '../../compose.ts';
import type { RequestContext } from '../../ports/request.ts';
import type { MainPort } from './electron-parts.ts';

/**
 * The ports of windows on the core's side. A page has one at a time: after a reload the old one is closed, and with it every stream that was followed
 * through it. One that comes before there is a core waits, and what was sent through it waits in it.
 */
export function createWindowPorts() {
  const ports = new Map<number, MainPort>();
  let upgrade: ((port: MainPort) => void) | undefined;
  return {
    take: (windowId: number, port: MainPort): void => {
      ports.get(windowId)?.close();
      ports.set(windowId, port);
      // A page that went, crashed or was closed drops its end; nothing of it is kept here.
      port.on('close', () => {
        if (ports.get(windowId) === port) ports.delete(windowId);
      });
      upgrade?.(port);
    },
    serve: (router: Core['router'], context: RequestContext): void => {
      const handler = new RPCHandler(router);
      upgrade = (port) => {
        handler.upgrade(port, { context });
        port.start();
      };
      for (const port of ports.values()) upgrade(port);
    },
    close: (): void => {
      for (const port of ports.values()) port.close();
      ports.clear();
    },
  };
}
