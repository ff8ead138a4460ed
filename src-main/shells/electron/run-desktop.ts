import { join } from 'node:path';
import type { Failure } from '#contract/errors.ts';
import type { Language } from '#contract/ids.ts';
import { createShellLog } from '../../compose-shell.ts';
import type { Log } from '../../ports/request.ts';
import type { Desktop, Environment } from '../choose-desktop.ts';
import { chooseHome, prepareDesktopFolder } from '../home-folder.ts';
import { chooseLanguage, sayFailure, toFailure, translateFor } from '../speech.ts';
import { type RunningDesktop, startDesktop } from './desktop.ts';
import { type DesktopKeep, keepDesktopMemory } from './desktop-memory.ts';
import { desktopPlaces } from './desktop-places.ts';
import { readDesktopOptions, type DesktopOptions } from './desktop-options.ts';
import type { ElectronParts } from './electron-parts.ts';
import { liveOn } from './live-on.ts';
import { findOtherDesktop } from './other-desktop.ts';
import { desktopMenu } from './menu.ts';
import { type OpenedState, tellOpened } from './opened-file.ts';
import type { ShownBy } from './make-window.ts';
import { showOther } from './show-other.ts';
import { beginTrial } from './trial/run-trial.ts';
import { openTrialResults, type TrialResults } from './trial/trial-results.ts';
import type { Trial } from './trial/trial-step.ts';
import { declareScheme } from './window-scheme.ts';

export type DesktopSurroundings = {
  /** The command line without the program. */
  readonly words: readonly string[];
  /** The same with the folder of an unpacked program, as it is started again. */
  readonly programWords: readonly string[];
  readonly environment: Environment;
  readonly desktop: Desktop;
  readonly personFolder: string;
  readonly operatorName: string;
  readonly resourcesPath: string;
  /** A bug before there is a log file goes here with its reference; later ones too. */
  readonly report: (reference: string, error: unknown) => void;
  /** Takes every error that nobody caught, from now on. */
  readonly onLateError: (take: (error: unknown) => void) => void;
};

/** `appId` of electron-builder.yml: Windows joins notices and the task bar to the installed program by it. */
export const appId = 'app.farmstead.desktop';

/** The person has been told why it does not open, so that the start script need not try another way (`sysexits`: EX_SOFTWARE). */
export const toldFailureCode = 70;

/** What is known before Electron is ready. */
type Begun = {
  readonly home: string;
  readonly options: DesktopOptions;
  readonly log: Log;
  readonly logPath: string;
  readonly keep: DesktopKeep;
  readonly tell: (state: OpenedState) => void;
  /** Taken by the first opening: a program that begins anew while it closes tries nothing twice. */
  readonly trials: TrialResults[];
};

/**
 * The whole life of the desktop program. Everything before the first `await` happens before Electron is ready, as it demands. Ends by
 * `app.quit()`; resolves when the window is on its way, or when there is nothing to open here. Never rejects.
 */
export async function runDesktop(electron: ElectronParts, around: DesktopSurroundings): Promise<void> {
  const { app } = electron;
  const options = readDesktopOptions(around.words);
  const home = chooseHome({ ...options, environment: around.environment, desktop: around.desktop, personFolder: around.personFolder });
  const early = chooseLanguage(options.language, around.environment);
  let begun: Begun;
  try {
    begun = begin(electron, around, home, options, early);
  } catch (error) {
    const failure = toFailure(error) ?? { code: 'INTERNAL', parameters: {}, reference: reportBug(around, error) };
    // Before that, the box is written to a terminal that nobody may see (https://www.electronjs.org/docs/latest/api/dialog).
    await app.whenReady();
    return tellAndExit(electron, sayFailure(translateFor(early), failure));
  }
  // One desktop for one home: the lock lies in the folder that was just set.
  if (!app.requestSingleInstanceLock({ isDemo: options.isDemo, language: options.language })) {
    const other = findOtherDesktop(join(home, '.desktop'), around.desktop);
    if (other.state === 'runs') {
      begun.tell('elsewhere');
      return app.quit();
    }
    begun.log.warn('desktop.lock', other);
    await app.whenReady();
    return tellAndExit(electron, translateFor(early)('shells.desktop.notLocked', other));
  }
  const { system } = around.desktop;
  // Set by the AppImage's own runtime (https://docs.appimage.org/packaging-guide/environment-variables.html).
  const appImage = around.environment.APPIMAGE || undefined;
  const { programWords } = around;
  await liveOn(electron, { system, appImage, programWords, log: begun.log }, () => open(electron, around, begun));
}

function reportBug(around: DesktopSurroundings, error: unknown): string {
  const reference = crypto.randomUUID().slice(0, 8);
  around.report(reference, error);
  return reference;
}

/** Throws the coded errors of the folder; anything else is a bug. */
function begin(electron: ElectronParts, around: DesktopSurroundings, home: string, options: DesktopOptions, language: Language): Begun {
  const { app } = electron;
  // It would take the switch from the command line that containers and the AppImage give where the system has no sandbox to offer.
  if (!around.words.includes('--no-sandbox')) app.enableSandbox();
  declareScheme(electron.protocol);
  const folder = prepareDesktopFolder(home);
  app.setPath('userData', folder);
  const logPath = join(folder, 'desktop.log');
  const { log } = createShellLog(logPath, 'desktop');
  around.onLateError((error) => around.report(log.bug(error), error));
  const keep = keepDesktopMemory(join(folder, 'window.json'));
  if (around.desktop.system === 'windows') app.setAppUserModelId(appId);
  // Electron makes a menu of its own, in English, unless there is one before it is ready.
  setMenu(electron, around, language, folder);
  const trial = options.trial === undefined ? undefined : openTrialResults(options.trial);
  const tell = tellOpened(around.environment.FARM_OPENED_FILE);
  return { home, options, log, logPath, keep, tell, trials: trial === undefined ? [] : [trial] };
}

function setMenu(electron: ElectronParts, { desktop }: DesktopSurroundings, language: Language, logFolder: string): void {
  electron.Menu.setMenu(desktopMenu(desktop.system, translateFor(language), () => void electron.shell.openPath(logFolder)));
}

function tellAndExit({ app, dialog }: ElectronParts, sentence: string): void {
  dialog.showErrorBox('Farmstead', sentence);
  app.exit(toldFailureCode);
}

/** Opens the home and its window. Undefined when there is nothing to open: that was told, and the program ends. */
async function open(electron: ElectronParts, around: DesktopSurroundings, begun: Begun): Promise<RunningDesktop | undefined> {
  const { app } = electron;
  const { desktop, environment, personFolder, operatorName } = around;
  const { home, options, log, logPath, keep, tell } = begun;
  const shown = Promise.withResolvers<{ by: ShownBy; atMs: number }>();
  await app.whenReady();
  // The system's language is known only now.
  const language = chooseLanguage(options.language ?? app.getLocale(), environment);
  setMenu(electron, around, language, join(home, '.desktop'));
  electron.nativeTheme.themeSource = keep.read().theme ?? 'system';
  const translate = translateFor(language);
  const fail = (failure: Failure, detail?: string): void => {
    if (detail !== undefined) {
      log.warn('start.failed', { reference: failure.reference, detail });
      around.report(failure.reference ?? failure.code, detail);
    }
    tellAndExit(electron, `${sayFailure(translate, failure)}\n\n${translate('shells.desktop.log', { path: logPath })}`);
  };
  const asked = options.language === undefined ? undefined : language;
  const places = desktopPlaces({
    appPath: app.getAppPath(),
    resourcesPath: around.resourcesPath,
    isPackaged: app.isPackaged,
    runtimePath: desktop.runtimePath,
    startNode: environment.FARM_NODE,
    dataFolder: join(desktop.dataFolder(environment, personFolder), 'farmstead'),
  });
  try {
    const running = startDesktop(electron, {
      home,
      version: app.getVersion(),
      places,
      system: desktop.system,
      operatorName,
      isDemo: options.isDemo,
      language,
      askedLanguage: asked,
      log,
      keep,
      onShown: (by) => {
        tell('shown');
        shown.resolve({ by, atMs: performance.now() });
      },
      onFailed: (failure, detail) => {
        if (failure.code !== 'HOME_LOCKED') return fail(failure, detail);
        // Open elsewhere, in the web console: that one is shown, and this program has nothing to do.
        void showOther(home, translate, environment, desktop, { isDemo: options.isDemo, language: asked })
          .catch((error: unknown) => void log.bug(error))
          .then((isShown) => {
            if (isShown !== true) return fail(failure);
            tell('elsewhere');
            app.quit();
          });
      },
    });
    return tried(running, begun, { electron, inside: running.inside, shown: shown.promise, language, system: desktop.system });
  } catch (error) {
    fail({ code: 'INTERNAL', parameters: {}, reference: log.bug(error) });
    around.report('start', error);
    return undefined;
  }
}

/** The same desktop, tried from within when the command line asked for it (`--try-desktop`). */
function tried(running: RunningDesktop, { trials, log }: Begun, trial: Omit<Trial, 'results'>): RunningDesktop {
  const results = trials.shift();
  if (results === undefined) return running;
  const stop = beginTrial({ ...trial, results }, log);
  return {
    ...running,
    close: () => {
      stop();
      return running.close();
    },
  };
}
