import { contextBridge, ipcRenderer } from 'electron';
import { bridgeTo } from './preload-bridge.ts';

// A sandboxed preload knows the versions of what it runs in (https://www.electronjs.org/docs/latest/tutorial/sandbox).
const { electron = '', chrome = '' } = process.versions;

// One file that needs only `electron`: the sandbox gives it nothing else.
contextBridge.exposeInMainWorld('farmHost', bridgeTo(ipcRenderer, window, process.argv, `Electron ${electron}, Chromium ${chrome}`));
