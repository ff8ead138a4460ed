import { randomUUID } from 'node:crypto';
import { isFarmError } from '#contract/errors.ts';
import { chooseHome, prepareDesktopFolder } from '../home-folder.ts';
import type { Desktop, Environment } from '../choose-desktop.ts';
import { chooseLanguage, sayFailure, toFailure, translateFor } from '../speech.ts';
import { join } from 'node:path';
import { type RunningDesktop, startDesktop } from './desktop.ts';
import { desktopPlaces } from './desktop-places.ts';
import { readWishes } from './desktop-wishes.ts';
import type { ElectronParts } from './electron-parts.ts';
import { desktopMenu } from './menu.ts';
import { showOther } from './show-other.ts';
import { declareScheme } from './window-scheme.ts';

export type DesktopSurroundings = {
  /** The command line without the program. */
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly desktop: Desktop;
  readonly personFolder: string;
  readonly operatorName: string;
  readonly resourcesPath: string;
  /** A bug goes here with its reference. */
  readonly report: (reference: string, error: unknown) => void;
};

/** `appId` of electron-builder.yml: Windows joins notices and the task bar to the installed program by it. */
export const appId = 'app.farmstead.desktop';

/**
 * The whole life of the desktop program. Everything before the first `await` happens before Electron is ready, as it demands. Ends by
 * `app.quit()`; resolves when the window is there, or when there is nothing to open here. Never rejects.
 */
export async function runDesktop(electron: ElectronParts, around: DesktopSurroundings): Promise<void> {
  const { app, dialog } = electron;
  const wishes = readWishes(around.words);
  const { desktop, environment, personFolder } = around;
  const home = chooseHome({ home: wishes.home, isDemo: wishes.isDemo, environment, desktop, personFolder });
  const fail = (error: unknown, language = chooseLanguage(wishes.language, environment)): void => {
    const translate = translateFor(language);
    const failure = toFailure(error) ?? { code: 'INTERNAL', parameters: {}, reference: randomUUID().slice(0, 8) };
    if (failure.reference !== undefined) around.report(failure.reference, error);
    dialog.showErrorBox('Farmstead', sayFailure(translate, failure));
    app.exit(1);
  };
  try {
    app.enableSandbox();
    declareScheme(electron.protocol);
    app.setPath('userData', prepareDesktopFolder(home));
    if (desktop.system === 'windows') app.setAppUserModelId(appId);
  } catch (error) {
    return fail(error);
  }
  // One desktop for one home: the lock lies in the folder that was just set.
  if (!app.requestSingleInstanceLock()) return app.quit();

  const open = async (): Promise<RunningDesktop | undefined> => {
    await app.whenReady();
    const language = chooseLanguage(wishes.language ?? app.getLocale(), environment);
    electron.Menu.setMenu(desktopMenu(desktop.system, translateFor(language)));
    const places = desktopPlaces({
      appPath: app.getAppPath(),
      resourcesPath: around.resourcesPath,
      isPackaged: app.isPackaged,
      runtimePath: desktop.runtimePath,
      dataFolder: join(desktop.dataFolder(environment, personFolder), 'farmstead'),
    });
    const { system } = desktop;
    const { operatorName } = around;
    const version = app.getVersion();
    const { preloadPath } = places;
    try {
      return await startDesktop(electron, {
        home,
        version,
        places,
        preloadPath,
        system,
        operatorName,
        isDemo: wishes.isDemo,
        language,
        environment,
      });
    } catch (error) {
      // Open elsewhere, in the web console: that one is shown, and this program has nothing to do.
      if (isFarmError(error, 'HOME_LOCKED') && (await showOther(home, translateFor(language), environment, desktop))) app.quit();
      else fail(error, language);
      return undefined;
    }
  };
  const opened = open();
  live(electron, desktop.system, opened);
  await opened.catch((error: unknown) => fail(error));
}

/** Shows itself when asked again, and closes the core before the program ends, however early it is told to. */
function live({ app }: Pick<ElectronParts, 'app'>, system: Desktop['system'], opened: Promise<RunningDesktop | undefined>): void {
  const show = (): void =>
    void opened.then(
      (running) => running?.show(),
      () => undefined,
    );
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (system !== 'mac') app.quit();
  });
  let isClosed = false;
  let isClosing = false;
  app.on('before-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    if (isClosing) return;
    isClosing = true;
    const finish = (): void => {
      isClosed = true;
      app.quit();
    };
    void opened.then((running) => running?.close()).then(finish, finish);
  });
}
