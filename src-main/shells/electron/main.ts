import { homedir, userInfo } from 'node:os';
import { shell } from 'electron/common';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  utilityProcess,
} from 'electron/main';
import { chooseDesktop } from '../choose-desktop.ts';
import { runDesktop } from './run-desktop.ts';

// The desktop's entry, and the only file that loads Electron. What happens stands in files that run in tests against a typed stand-in of it.
/** A container may know no name for its user. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator';
  }
}

void runDesktop(
  {
    app,
    BrowserWindow,
    clipboard,
    dialog,
    ipcMain,
    MessageChannelMain,
    nativeTheme,
    Notification,
    powerMonitor,
    protocol,
    safeStorage,
    screen,
    session,
    shell,
    utilityProcess,
    Menu: { setMenu: (template) => Menu.setApplicationMenu(Menu.buildFromTemplate(template)) },
  },
  {
    // An unpacked program has the folder of the program as its first word.
    words: process.argv.slice(app.isPackaged ? 1 : 2),
    programWords: process.argv.slice(1),
    environment: process.env,
    desktop: chooseDesktop(),
    personFolder: homedir(),
    operatorName: operatorName(),
    resourcesPath: process.resourcesPath,
    report: (reference, error) => console.error(reference, error),
    // Without a listener Electron shows a box with a stack, in English, and goes on.
    onLateError: (take) => void process.on('uncaughtException', take).on('unhandledRejection', take),
  },
);
