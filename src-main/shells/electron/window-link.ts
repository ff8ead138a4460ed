import * as z from 'zod';
import { portChannel } from './channels.ts';
import type { ElectronParts, MainPort, Sent } from './electron-parts.ts';
import { type KnownWindows, ourWindowOf } from './sender.ts';

const portRequest = z.string().min(1).max(64);

/**
 * Gives a page of our window a message port that leads to the core when it asks for one; the other end goes to the core through `connect`, which
 * keeps one port for a page. Returns the disposer.
 */
export function serveWindowLink(
  { ipcMain, MessageChannelMain }: Pick<ElectronParts, 'ipcMain' | 'MessageChannelMain'>,
  connect: (windowId: number, port: MainPort) => void,
  windows: KnownWindows,
): () => void {
  const open = (event: Sent, request: unknown): void => {
    const asked = portRequest.safeParse(request);
    const frame = event.senderFrame;
    if (frame === null || !asked.success || ourWindowOf(event, windows) === undefined) return;
    const { port1, port2 } = new MessageChannelMain();
    connect(event.sender.id, port1);
    frame.postMessage(portChannel, asked.data, [port2]);
  };
  ipcMain.on(portChannel, open);
  return () => void ipcMain.removeListener(portChannel, open);
}
