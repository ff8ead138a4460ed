import { userInfo } from 'node:os';
import { join } from 'node:path';
import { shell } from 'electron/common';
import * as main from 'electron/main';
import { isFarmError } from '#contract/errors.ts';
import { chooseDesktop } from '../choose-desktop.ts';
import { chooseHome } from '../home-folder.ts';
import { chooseLanguage, sayFailure, toFailure, translateFor } from '../speech.ts';
import { desktopPlaces, type RunningDesktop, startDesktop } from './desktop.ts';
import { desktopMenu } from './menu.ts';
import { declareScheme } from './window-scheme.ts';

// The desktop's door. Thin: what it decides stands in files that run in tests against a typed stand-in of Electron.
const electron = { ...main, shell };
const { app, Menu, dialog, protocol } = electron;
const argument = (name: string): string | undefined => process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
const isDemo = process.argv.includes('--demo');
const home = chooseHome({ home: argument('home'), isDemo });
const language = chooseLanguage(argument('language') ?? app.getLocale());
const { system, runtimePath } = chooseDesktop();

app.enableSandbox();
declareScheme(protocol);
app.setPath('userData', join(home, 'desktop'));

let running: RunningDesktop | undefined;

async function open(): Promise<void> {
  await app.whenReady();
  Menu.setApplicationMenu(Menu.buildFromTemplate(desktopMenu(system, translateFor(language))));
  const places = desktopPlaces(app.getAppPath(), process.resourcesPath, app.getPath('userData'), app.isPackaged, runtimePath);
  const preloadPath = join(app.getAppPath(), 'dist', 'electron', 'preload.cjs');
  running = await startDesktop(electron, {
    home,
    version: app.getVersion(),
    places,
    preloadPath,
    system,
    operatorName: userInfo().username,
    isDemo,
    language,
    environment: process.env,
  });
}

if (app.requestSingleInstanceLock({ home })) {
  app.on('second-instance', () => running?.show());
  app.on('activate', () => running?.show());
  app.on('window-all-closed', () => {
    if (system !== 'mac') app.quit();
  });
  let isClosed = false;
  app.on('before-quit', (event) => {
    if (isClosed || running === undefined) return;
    event.preventDefault();
    isClosed = true;
    void running.close().finally(() => app.quit());
  });
  open().catch((error: unknown) => {
    const failure = toFailure(error);
    const translate = translateFor(language);
    if (failure === undefined || !isFarmError(error)) console.error(error);
    dialog.showErrorBox(
      'Farmstead',
      failure === undefined ? translate('error.INTERNAL', { reference: '' }) : sayFailure(translate, failure),
    );
    app.exit(1);
  });
} else {
  app.quit();
}
