import { RPCHandler } from '@orpc/server/message-port';
import type { IpcMainEvent, MessagePortMain } from 'electron/main';
import * as z from 'zod';
import type { Core } from '../../compose.ts';
import type { RequestContext } from '../../ports/request.ts';
import { portChannel } from './channels.ts';
import type { ElectronParts } from './electron-parts.ts';
import { isFromOurWindow, type KnownWindows } from './sender.ts';

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
  const ports = new Map<number, MessagePortMain>();
  const open = (event: IpcMainEvent, request: unknown): void => {
    const asked = portRequest.safeParse(request);
    const frame = event.senderFrame;
    if (frame === null || !asked.success || !isFromOurWindow(event, windows)) return;
    ports.get(event.sender.id)?.close();
    const { port1, port2 } = new MessageChannelMain();
    ports.set(event.sender.id, port1);
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
