import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron/main';
import type { Contents, DesktopWindow, ElectronParts } from '../electron-parts.ts';
import { type CorePort, serveCore } from '../serve-core.ts';
import { StandInCoreProcess } from './stand-in-core-process.ts';
import { createIpc, createPage, StandInChannel } from './stand-in-ports.ts';

export class StandInContents extends EventEmitter implements Contents {
  readonly id: number;
  answerOpen: Parameters<Contents['setWindowOpenHandler']>[0] | undefined;
  constructor(id: number) {
    super();
    this.id = id;
  }
  setWindowOpenHandler(answer: Parameters<Contents['setWindowOpenHandler']>[0]): void {
    this.answerOpen = answer;
  }
  /** What the page would answer: a test says it. */
  evaluate: (code: string) => unknown = () => undefined;
  readonly calls: string[] = [];
  async executeJavaScript(code: string): Promise<unknown> {
    return this.evaluate(code);
  }
  async capturePage() {
    return { isEmpty: () => false, toPNG: () => Buffer.from('a picture') };
  }
  reload(): void {
    this.calls.push('reload');
  }
  forcefullyCrashRenderer(): void {
    this.calls.push('crash');
    this.emit('render-process-gone', {}, { reason: 'killed' });
  }
  /** What a page does; answers whether it was held. */
  tries(event: 'will-navigate' | 'will-frame-navigate' | 'will-redirect' | 'will-attach-webview', url: string): 'held' | 'let go' {
    let outcome: 'held' | 'let go' = 'let go';
    this.emit(event, {
      url,
      preventDefault: () => {
        outcome = 'held';
      },
    });
    return outcome;
  }
}

export class StandInWindow extends EventEmitter implements DesktopWindow {
  readonly webContents: StandInContents;
  readonly options: BrowserWindowConstructorOptions;
  readonly loaded: string[] = [];
  readonly calls: string[] = [];
  bounds = { x: 100, y: 60, width: 1000, height: 700 };
  isSmall = false;
  isLarge = false;
  isOnScreen = false;
  private isGone = false;
  constructor(id: number, options: BrowserWindowConstructorOptions) {
    super();
    this.webContents = new StandInContents(id);
    this.options = options;
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
  }
  show(): void {
    this.isOnScreen = true;
    this.calls.push('show');
  }
  maximize(): void {
    this.isLarge = true;
    this.calls.push('maximize');
  }
  /** As for a person who closes it: told of before, unlike `destroy`. */
  close(): void {
    this.emit('close');
    this.destroy();
  }
  destroy(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.isOnScreen = false;
    this.emit('closed');
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  getNormalBounds(): Electron.Rectangle {
    return this.bounds;
  }
  getBounds(): Electron.Rectangle {
    return this.bounds;
  }
  /** Below a title bar of the system's. */
  getContentBounds(): Electron.Rectangle {
    return { ...this.bounds, y: this.bounds.y + 30, height: this.bounds.height - 30 };
  }
  minimize(): void {
    this.isSmall = true;
    this.calls.push('minimize');
  }
  isVisible(): boolean {
    return this.isOnScreen;
  }
  isMovable(): boolean {
    return true;
  }
  setBackgroundColor(color: string): void {
    this.calls.push(`background ${color}`);
  }
  restore(): void {
    this.isSmall = false;
    this.calls.push('restore');
  }
  isMinimized(): boolean {
    return this.isSmall;
  }
  isMaximized(): boolean {
    return this.isLarge;
  }
}

/** What the stand-in's outside does: a test changes it before it acts. */
export type StandInWorld = {
  locale: string;
  isPackaged: boolean;
  isFirst: boolean;
  appPath: string;
  backend: ReturnType<ElectronParts['safeStorage']['getSelectedStorageBackend']>;
  isVaultOpen: boolean;
  /** A keychain that is locked: it may never answer, or say no to everything. */
  vault: 'answers' | 'silent' | 'refuses';
  isDark: boolean;
  /** What is free of the main screen. */
  workArea: Electron.Rectangle;
  /** What runs in the process of the core; `undefined`: it ends before it runs; `never`: the system refuses it, which Electron tells by no event; `throws`: not even asked for. */
  core: ((port: CorePort, process: StandInCoreProcess) => void) | 'never' | 'throws' | undefined;
  openFile: { canceled: boolean; filePaths: string[] };
  saveFile: { canceled: boolean; filePath: string };
  canNotify: boolean;
  /** What lies in the clipboard. */
  copied: string;
};

const screenOf = ({ workArea }: StandInWorld) => ({ id: 1, workArea, size: { width: 1920, height: 1080 }, scaleFactor: 1 });

/** Electron as far as this shell uses it, typed by the same interfaces as the real one. Nothing is ready before `makeReady`. */
export function createElectronStandIn(change: Partial<StandInWorld> = {}) {
  const world: StandInWorld = {
    locale: 'en-GB',
    isPackaged: false,
    isFirst: true,
    appPath: '/nowhere',
    backend: 'gnome_libsecret',
    isVaultOpen: true,
    vault: 'answers',
    isDark: false,
    workArea: { x: 0, y: 0, width: 1920, height: 1040 },
    core: serveCore,
    openFile: { canceled: true, filePaths: [] },
    saveFile: { canceled: true, filePath: '' },
    canNotify: true,
    copied: '',
    ...change,
  };
  const ipc = createIpc();
  const ready = Promise.withResolvers<void>();
  let isReady = false;
  /** Everything that was asked of Electron, in order. */
  const calls: [name: string, ...given: unknown[]][] = [];
  const windows: StandInWindow[] = [];
  const dialogs: { parent: unknown; options: unknown }[] = [];
  const handlers: Record<string, (...given: never[]) => unknown> = {};
  const pages: { scheme: string; answer: (request: Request) => Response | Promise<Response> }[] = [];
  const bus = new EventEmitter();
  const themes = Object.assign(new EventEmitter(), { themeSource: 'system' as const });
  const power = new EventEmitter();
  const cores: StandInCoreProcess[] = [];
  /** Like a locked keyring: `silent` answers never. */
  const vaultSays = async <Answer>(answer: Answer): Promise<Answer> => {
    if (world.vault === 'silent') return new Promise<never>(() => undefined);
    if (world.vault === 'refuses') throw new Error('the person said no');
    return answer;
  };
  const beReady = <Value>(what: string, value: Value): Value => {
    if (!isReady) throw new Error(`${what} cannot be used before the app is ready`);
    return value;
  };
  const note =
    (name: string) =>
    (...given: unknown[]): void =>
      void calls.push([name, ...given]);
  const keep =
    (name: string) =>
    (handler: ((...given: never[]) => unknown) | null): void => {
      if (handler !== null) handlers[name] = handler;
    };

  const parts: ElectronParts = {
    app: Object.assign(bus, {
      get isPackaged() {
        return world.isPackaged;
      },
      enableSandbox: note('enableSandbox'),
      exit: note('exit'),
      quit: (): void => {
        calls.push(['quit']);
        queueMicrotask(() => {
          let isHeld = false;
          bus.emit('before-quit', {
            preventDefault: () => {
              isHeld = true;
            },
          });
          if (!isHeld) calls.push(['ended']);
        });
      },
      relaunch: note('relaunch'),
      getAppPath: () => world.appPath,
      getGPUFeatureStatus: () => ({ webgl: 'enabled' }) as Electron.GPUFeatureStatus,
      getVersion: () => '0.1.0',
      // The real one answers with nothing before it is ready.
      getLocale: () => (isReady ? world.locale : ''),
      requestSingleInstanceLock: (told: Record<string, unknown>) => {
        calls.push(['lock', told]);
        return world.isFirst;
      },
      setAppUserModelId: note('setAppUserModelId'),
      setPath: note('setPath'),
      whenReady: () => ready.promise,
    }),
    BrowserWindow: class extends StandInWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(windows.length + 1, options);
        windows.push(this);
        // The last one that closes ends the program, unless somebody minds it.
        this.on('closed', () => {
          if (windows.every((one) => one.isDestroyed())) bus.emit('window-all-closed');
        });
        bus.emit('web-contents-created', {}, this.webContents);
      }
    },
    clipboard: {
      writeText: async (text) => {
        world.copied = text;
        calls.push(['writeText', text]);
      },
      readText: async () => world.copied,
    },
    dialog: {
      showErrorBox: note('showErrorBox'),
      showOpenDialog: async (parent, options) => {
        dialogs.push({ parent, options });
        return world.openFile;
      },
      showSaveDialog: async (parent, options) => {
        dialogs.push({ parent, options });
        return world.saveFile;
      },
    },
    ipcMain: ipc.main,
    Menu: { setMenu: (template: MenuItemConstructorOptions[]) => void calls.push(['setMenu', template]) },
    MessageChannelMain: StandInChannel,
    Notification: class {
      readonly options: unknown;
      constructor(options: unknown) {
        this.options = options;
      }
      show(): void {
        calls.push(['notice', this.options]);
      }
      static isSupported(): boolean {
        return world.canNotify;
      }
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes) => {
        if (isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
        calls.push(['registerSchemesAsPrivileged', schemes]);
      },
      handle: (scheme, answer) => {
        if (pages.some((page) => page.scheme === scheme)) throw new Error(`Attempted to register a second handler for '${scheme}'`);
        pages.push({ scheme, answer });
      },
      unhandle: (scheme) => {
        pages.splice(0, pages.length, ...pages.filter((page) => page.scheme !== scheme));
      },
    },
    safeStorage: {
      getSelectedStorageBackend: () => world.backend,
      isAsyncEncryptionAvailable: () => (world.vault === 'silent' ? vaultSays(true) : Promise.resolve(world.isVaultOpen)),
      encryptStringAsync: (text) => vaultSays(Buffer.from(`sealed:${text}`)),
      decryptStringAsync: (sealed) => vaultSays({ result: sealed.toString().slice('sealed:'.length), shouldReEncrypt: false }),
    },
    nativeTheme: Object.defineProperty(themes, 'shouldUseDarkColors', { get: () => world.isDark }) as typeof themes & {
      readonly shouldUseDarkColors: boolean;
    },
    powerMonitor: { on: (event, listener) => beReady('powerMonitor', power.on(event, listener)) },
    screen: {
      getPrimaryDisplay: () => beReady('screen', screenOf(world)),
      getAllDisplays: () => [screenOf(world)],
    },
    utilityProcess: {
      fork: () => {
        if (world.core === 'throws') throw new TypeError('fork');
        const made = beReady('utilityProcess', new StandInCoreProcess());
        cores.push(made);
        const { core } = world;
        if (core === 'never') {
          made.isUnborn = true;
          return made;
        }
        queueMicrotask(() => made.emit('spawn'));
        if (core === undefined) queueMicrotask(() => made.die(1));
        else core(made.inside, made);
        return made;
      },
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('request'),
        setPermissionCheckHandler: keep('check'),
        setDevicePermissionHandler: keep('device'),
      },
    },
    shell: {
      openExternal: async (url) => void calls.push(['openExternal', url]),
      openPath: async (path) => {
        calls.push(['openPath', path]);
        return '';
      },
    },
  };
  return {
    parts,
    world,
    ipc,
    calls,
    windows,
    dialogs,
    handlers,
    pages,
    /** Events of `app`. */
    bus,
    themes,
    power,
    /** Every process of the core that was started. */
    cores,
    callsOf: (name: string): unknown[][] => calls.filter(([called]) => called === name).map(([, ...given]) => given),
    makeReady: (): void => {
      isReady = true;
      ready.resolve();
    },
    /** A page in a window that was made, or one that nobody knows. */
    pageOf: (contentsId: number, origin = 'farmstead://window') => createPage(ipc, contentsId, origin),
  };
}
export type ElectronStandIn = ReturnType<typeof createElectronStandIn>;
