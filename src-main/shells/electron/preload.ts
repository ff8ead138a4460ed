import { contextBridge, ipcRenderer } from 'electron';
import { hostChannels, portChannel, systemFlag } from './channels.ts';

// One file that needs only `electron`: the sandbox gives it nothing else. It exposes functions, never ipcRenderer or its events (checklist item 20).
const system = process.argv.find((argument) => argument.startsWith(systemFlag))?.slice(systemFlag.length);

ipcRenderer.on(portChannel, (event, request: unknown) => {
  // A port cannot cross the bridge, so it is posted into the page (https://www.electronjs.org/docs/latest/tutorial/message-ports).
  window.postMessage({ farmPort: request }, location.origin, [...event.ports]);
});

contextBridge.exposeInMainWorld('farmHost', {
  system: system === 'windows' || system === 'mac' ? system : 'other',
  hasOverlaidTitleBar: system === 'windows' || system === 'mac',
  requestPort: (request: string) => ipcRenderer.send(portChannel, request),
  openFile: (accept: string) => ipcRenderer.invoke(hostChannels.openFile, accept),
  saveFile: (name: string, mediaType: string, content: string | Uint8Array) =>
    ipcRenderer.invoke(hostChannels.saveFile, name, mediaType, content),
  copyText: (text: string) => ipcRenderer.invoke(hostChannels.copyText, text),
  notify: (title: string, body: string) => ipcRenderer.invoke(hostChannels.notify, title, body),
  openAddress: (url: string) => ipcRenderer.invoke(hostChannels.openAddress, url),
});
