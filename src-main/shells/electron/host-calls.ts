import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { hostChannels } from './channels.ts';
import type { DesktopKeep } from './desktop-memory.ts';
import type { DesktopWindow, ElectronParts } from './electron-parts.ts';
import type { OpenOutside } from './outside.ts';
import { type KnownWindows, ourWindowOf } from './sender.ts';

type HostParts = Pick<ElectronParts, 'ipcMain' | 'dialog' | 'clipboard' | 'Notification' | 'nativeTheme'>;

/** What a person may open here: keys and certificates are small. */
const mostFileBytes = 16 * 1024 * 1024;
const accept = z.tuple([z.string().max(200)]);
const content = z.union([z.string().max(mostFileBytes), z.instanceof(Uint8Array).refine((bytes) => bytes.byteLength <= mostFileBytes)]);
const saved = z.tuple([z.string().min(1).max(200), z.string().max(100), content]);
const text = z.tuple([z.string().max(200_000)]);
const notice = z.tuple([z.string().max(200), z.string().max(1000)]);
const address = z.tuple([z.string().max(2000)]);
const theme = z.tuple([z.enum(['system', 'light', 'dark'])]);

/** `.pem,.pfx` as the dialog's filters; what is no ending is left out. */
function filtersOf(wanted: string): { name: string; extensions: string[] }[] {
  const extensions = [...wanted.matchAll(/\.([a-z0-9]{1,10})\b/gi)].map((found) => found[1] ?? '');
  return extensions.length === 0 ? [] : [{ name: extensions.map((one) => `*.${one}`).join(', '), extensions }];
}

/** The last part of a name, whichever system wrote it: a page never says where a file goes, the person does. */
const plainName = (name: string): string => basename(name.replaceAll('\\', '/'));

/**
 * File dialogs, clipboard, notices and the system's part of the theme for the window: every sender and every argument is checked again here. Dialogs
 * begin in the folder that was used last (since Electron 43 they do not by themselves). Returns the disposer.
 */
export function serveHostCalls(
  { ipcMain, dialog, clipboard, Notification, nativeTheme }: HostParts,
  windows: KnownWindows,
  openOutside: OpenOutside,
  keep: DesktopKeep,
): () => void {
  const serve = (channel: string, act: (window: DesktopWindow, ...parameters: unknown[]) => Promise<unknown>): void => {
    ipcMain.handle(channel, async (event, ...parameters) => {
      const window = ourWindowOf(event, windows);
      if (window === undefined) throw new Error('refused');
      return act(window, ...parameters);
    });
  };
  serve(hostChannels.openFile, async (window, ...given) => {
    const [wanted] = accept.parse(given);
    const { folder } = keep.read();
    const begin = folder === undefined ? {} : { defaultPath: folder };
    const { canceled, filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile'], filters: filtersOf(wanted), ...begin });
    const [path] = filePaths;
    if (canceled || path === undefined) return undefined;
    keep.write({ folder: dirname(path) });
    if ((await stat(path)).size > mostFileBytes) throw new Error('the file is larger than 16 MB');
    return { name: basename(path), bytes: new Uint8Array(await readFile(path)) };
  });
  serve(hostChannels.saveFile, async (window, ...given) => {
    const [name, , bytes] = saved.parse(given);
    const { folder } = keep.read();
    const defaultPath = folder === undefined ? plainName(name) : join(folder, plainName(name));
    const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath });
    if (canceled || filePath === '') return false;
    keep.write({ folder: dirname(filePath) });
    await writeFile(filePath, bytes, { mode: 0o600 });
    return true;
  });
  serve(hostChannels.copyText, async (_window, ...given) => clipboard.writeText(text.parse(given)[0]));
  serve(hostChannels.notify, async (_window, ...given) => {
    const [title, body] = notice.parse(given);
    if (Notification.isSupported()) new Notification({ title, body }).show();
  });
  serve(hostChannels.openAddress, async (_window, ...given) => {
    if (!(await openOutside(address.parse(given)[0]))) throw new Error('refused');
  });
  serve(hostChannels.showTheme, async (_window, ...given) => {
    const [wanted] = theme.parse(given);
    nativeTheme.themeSource = wanted;
    if (keep.read().theme !== wanted) keep.write({ theme: wanted });
  });
  return () => {
    for (const channel of Object.values(hostChannels)) ipcMain.removeHandler(channel);
  };
}
