import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { IpcMainInvokeEvent } from 'electron/main';
import * as z from 'zod';
import { hostChannels } from './channels.ts';
import type { ElectronParts } from './electron-parts.ts';
import { isOpenable } from './guards.ts';
import { isFromOurWindow, type KnownWindows } from './sender.ts';

type HostParts = Pick<ElectronParts, 'ipcMain' | 'dialog' | 'clipboard' | 'Notification' | 'shell'>;

/** What a person may open here: keys and certificates are small. */
const mostFileBytes = 16 * 1024 * 1024;
const accept = z.string().max(200);
const content = z.union([z.string().max(mostFileBytes), z.instanceof(Uint8Array)]);
const saved = z.tuple([z.string().min(1).max(200), z.string().max(100), content]);
const text = z.string().max(200_000);
const notice = z.tuple([z.string().max(200), z.string().max(1000)]);
const address = z.string().max(2000).refine(isOpenable);

/** `.pem,.pfx` as the dialog's filters; what is no ending is left out. */
function filtersOf(wanted: string): { name: string; extensions: string[] }[] {
  const extensions = [...wanted.matchAll(/\.([a-z0-9]{1,10})\b/gi)].map((found) => found[1] ?? '');
  return extensions.length === 0 ? [] : [{ name: extensions.map((one) => `*.${one}`).join(', '), extensions }];
}

/** File dialogs, clipboard and notices for the window: every sender and every argument is checked again here. Returns the disposer. */
export function serveHostCalls({ ipcMain, dialog, clipboard, Notification, shell }: HostParts, windows: KnownWindows): () => void {
  const serve = (channel: string, act: (...parameters: unknown[]) => Promise<unknown>): void => {
    ipcMain.handle(channel, async (event: IpcMainInvokeEvent, ...parameters: unknown[]) => {
      if (!isFromOurWindow(event, windows)) throw new Error('refused');
      return act(...parameters);
    });
  };
  serve(hostChannels.openFile, async (wanted) => {
    const { canceled, filePaths } = await dialog.showOpenDialog({ properties: ['openFile'], filters: filtersOf(accept.parse(wanted)) });
    const [path] = filePaths;
    if (canceled || path === undefined) return undefined;
    if ((await stat(path)).size > mostFileBytes) throw new Error('the file is larger than 16 MB');
    return { name: basename(path), bytes: new Uint8Array(await readFile(path)) };
  });
  serve(hostChannels.saveFile, async (...given) => {
    const [name, , bytes] = saved.parse(given);
    const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: basename(name) });
    if (canceled || filePath === '') return false;
    await writeFile(filePath, bytes, { mode: 0o600 });
    return true;
  });
  serve(hostChannels.copyText, async (given) => clipboard.writeText(text.parse(given)));
  serve(hostChannels.notify, async (...given) => {
    const [title, body] = notice.parse(given);
    if (Notification.isSupported()) new Notification({ title, body }).show();
  });
  serve(hostChannels.openAddress, async (given) => shell.openExternal(address.parse(given)));
  return () => {
    for (const channel of Object.values(hostChannels)) ipcMain.removeHandler(channel);
  };
}
