import type * as common from 'electron/common';
import type * as main from 'electron/main';

/** What this shell uses of Electron. A test gives a typed stand-in; `main.ts` gives the real one, the only file that loads it. */
export type ElectronParts = Pick<
  typeof main,
  | 'app'
  | 'BrowserWindow'
  | 'clipboard'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'MessageChannelMain'
  | 'Notification'
  | 'protocol'
  | 'safeStorage'
  | 'session'
> &
  Pick<typeof common, 'shell'>;
