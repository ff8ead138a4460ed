import type { FarmHostBridge } from '#contract/host-bridge.ts';
import { hostChannels, portChannel, systemFlag } from './channels.ts';

/** What the preload uses of `ipcRenderer`. */
export interface RendererIpc {
  on(channel: string, listener: (event: { readonly ports: readonly MessagePort[] }, request: unknown) => void): unknown;
  send(channel: string, request: string): void;
  invoke(channel: string, ...parameters: unknown[]): Promise<unknown>;
}

type Page = {
  readonly location: { readonly origin: string };
  postMessage(message: unknown, origin: string, transfer: MessagePort[]): void;
};

/** The functions of the page, never `ipcRenderer` or its events themselves (checklist item 20). The main process checks every argument again. */
export function bridgeTo(
  ipc: RendererIpc,
  page: Page,
  parameters: readonly string[],
  versions: FarmHostBridge['versions'] = '',
): FarmHostBridge {
  const told = parameters.find((parameter) => parameter.startsWith(systemFlag))?.slice(systemFlag.length);
  const system = told === 'windows' || told === 'mac' ? told : 'other';
  ipc.on(portChannel, ({ ports }, request) => {
    // A port cannot cross the bridge, so it is posted into the page (https://www.electronjs.org/docs/latest/tutorial/message-ports).
    page.postMessage({ farmPort: request }, page.location.origin, [...ports]);
  });
  /** What the main process answers on this channel; both ends are built from one source. */
  const ask = async <Answer>(channel: string, ...given: unknown[]): Promise<Answer> => (await ipc.invoke(channel, ...given)) as Answer;
  return {
    system,
    versions,
    requestPort: (request) => ipc.send(portChannel, request),
    openFile: (accept) => ask(hostChannels.openFile, accept),
    saveFile: (name, mediaType, content) => ask(hostChannels.saveFile, name, mediaType, content),
    copyText: (text) => ask(hostChannels.copyText, text),
    notify: (title, body) => ask(hostChannels.notify, title, body),
    openAddress: (url) => ask(hostChannels.openAddress, url),
    showTheme: (theme) => ask(hostChannels.showTheme, theme),
  };
}
