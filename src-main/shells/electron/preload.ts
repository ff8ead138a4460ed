import { contextBridge, ipcRenderer } from 'electron';
import { bridgeTo } from './preload-bridge.ts';

// One file that needs only `electron`: the sandbox gives it nothing else.
contextBridge.exposeInMainWorld('farmHost', bridgeTo(ipcRenderer, window, process.argv));
