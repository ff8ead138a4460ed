import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron/main';
import type { Contents, DesktopWindow, ElectronParts } from '../electron-parts.ts';
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
  isSmall = false;
  constructor(id: number, options: BrowserWindowConstructorOptions) {
    super();
    this.webContents = new StandInContents(id);
    this.options = options;
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
  }
  show(): void {
    this.calls.push('show');
  }
  focus(): void {
    this.calls.push('focus');
  }
  restore(): void {
    this.isSmall = false;
    this.calls.push('restore');
  }
  isMinimized(): boolean {
    return this.isSmall;
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
  openFile: { canceled: boolean; filePaths: string[] };
  saveFile: { canceled: boolean; filePath: string };
  canNotify: boolean;
};

/** Electron as far as this shell uses it, typed by the same interfaces as the real one. Nothing is ready before `makeReady`. */
export function createElectronStandIn(change: Partial<StandInWorld> = {}) {
  const world: StandInWorld = {
    locale: 'en-GB',
    isPackaged: false,
    isFirst: true,
    appPath: '/nowhere',
    backend: 'gnome_libsecret',
    isVaultOpen: true,
    openFile: { canceled: true, filePaths: [] },
    saveFile: { canceled: true, filePath: '' },
    canNotify: true,
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
      getAppPath: () => world.appPath,
      getVersion: () => '0.1.0',
      // The real one answers with nothing before it is ready.
      getLocale: () => (isReady ? world.locale : ''),
      requestSingleInstanceLock: () => world.isFirst,
      setAppUserModelId: note('setAppUserModelId'),
      setPath: note('setPath'),
      whenReady: () => ready.promise,
    }),
    BrowserWindow: class extends StandInWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(windows.length + 1, options);
        windows.push(this);
        bus.emit('web-contents-created', {}, this.webContents);
      }
    },
    clipboard: { writeText: async (text) => void calls.push(['writeText', text]) },
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
    ipcMain: ipc.door,
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
      handle: (scheme, answer) => void pages.push({ scheme, answer }),
    },
    safeStorage: {
      getSelectedStorageBackend: () => world.backend,
      isAsyncEncryptionAvailable: async () => world.isVaultOpen,
      encryptStringAsync: async (text) => Buffer.from(`sealed:${text}`),
      decryptStringAsync: async (sealed) => ({ result: sealed.toString().slice('sealed:'.length), shouldReEncrypt: false }),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('request'),
        setPermissionCheckHandler: keep('check'),
        setDevicePermissionHandler: keep('device'),
      },
    },
    shell: { openExternal: async (url) => void calls.push(['openExternal', url]) },
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
