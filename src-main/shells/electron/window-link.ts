import { RPCHandler } from '@orpc/server/message-port';
import * as z from 'zod';
import type { Core } from '../../compose.ts';
import type { RequestContext } from '../../ports/request.ts';
import { portChannel } from './channels.ts';
import type { ElectronParts, MainPort, Sent } from './electron-parts.ts';
import { type KnownWindows, ourWindowOf } from './sender.ts';

const portRequest = z.string().min(1).max(64);

/**
 * Gives a page of our window a message port to the core when it asks for one. A page has one port at a time: after a reload the old one is
 * closed, and with it every stream that was followed through it. Returns the disposer.
 */
export function serveWindowLink(
  { ipcMain, MessageChannelMain }: Pick<ElectronParts, 'ipcMain' | 'MessageChannelMain'>,
  core: Pick<Core, 'router'>,
  windows: KnownWindows,
  context: RequestContext,
): () => void {
  const handler = new RPCHandler(core.router);
  const ports = new Map<number, MainPort>();
  const open = (event: Sent, request: unknown): void => {
    const asked = portRequest.safeParse(request);
    const frame = event.senderFrame;
    if (frame === null || !asked.success || ourWindowOf(event, windows) === undefined) return;
    const { id } = event.sender;
    ports.get(id)?.close();
    const { port1, port2 } = new MessageChannelMain();
    ports.set(id, port1);
    // A page that went, crashed or was closed drops its end; nothing of it is kept here.
    port1.on('close', () => {
      if (ports.get(id) === port1) ports.delete(id);
    });
    handler.upgrade(port1, { context });
    port1.start();
    frame.postMessage(portChannel, asked.data, [port2]);
  };
  ipcMain.on(portChannel, open);
  return () => {
    ipcMain.removeListener(portChannel, open);
    for (const port of ports.values()) port.close();
    ports.clear();
  };
}
